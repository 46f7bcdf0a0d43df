// A file that is not complete yet. Bytes go to a part file, which gets its real name only when all bytes have
// come, the checksum is right, and the disk has them. Uploads on the server and downloads on the client use
// it. Whatever breaks, the real name never stands for half a file.
//
// Two programs may write a part of the same name. A program that starts over makes a new file in place of the
// old one. So it never changes the bytes of the other program, which notices that its file has lost the name.

import { constants } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { link, open, rename, rm, stat, statfs, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { onDisk } from '../../support/raw-text.ts';
import { asRefusal, Refusal, systemCode } from './refusal.ts';
import type { Looks } from './wire.ts';

/** Number of bytes that may wait for the disk before `append` makes the sender wait. */
const MAX_WAITING = 4 * 1024 * 1024;

/**
 * Number of bytes after which a sync to the disk starts, while more bytes come. Without it all bytes would
 * wait for the sync at the end, and the network would then wait for the disk.
 */
const SYNC_LENGTH = 32 * 1024 * 1024;

const OWN = 0o600;
const MS = 1000;

const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;

/** Refuses a file that cannot fit on the disk, before a byte is sent. */
export async function checkSpace(directory: string, length: number, name: string): Promise<void> {
  const { bavail, bsize } = await statfs(onDisk(directory));
  if (bavail * bsize >= length) {
    return;
  }
  throw new Refusal('E_DISK_FULL', `There is no space left on the disk for ${name}.`);
}

interface Opened {
  readonly handle: FileHandle;
  readonly stats: BigIntStats;
}

export class PartFile {
  readonly #path: string;
  #handle: FileHandle;
  /** The facts that tell this file from another under the same name. */
  #identity: BigIntStats;
  readonly #name: string;
  #length: number;
  #waiting: Uint8Array[] = [];
  #waitingLength = 0;
  /** Pending while bytes are being written. */
  #writing: Promise<void> | undefined;
  /** The write that is under way. */
  #step: Promise<void> | undefined;
  /** Number of bytes written since the last sync was started. */
  #unsynced = 0;
  /** Set while a sync is under way. */
  #syncing: Promise<void> | undefined;
  #failure: unknown;
  #closed: Promise<void> | undefined;

  private constructor(path: string, name: string, opened: Opened) {
    this.#path = path;
    this.#name = name;
    this.#handle = opened.handle;
    this.#identity = opened.stats;
    this.#length = Number(opened.stats.size);
  }

  /** Opens `path`, or makes it. Bytes that are in it stay. */
  static async open(path: string, name: string): Promise<PartFile> {
    try {
      const handle = await open(onDisk(path), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
      const stats = await handle.stat({ bigint: true });
      if (stats.isFile()) {
        return new PartFile(path, name, { handle, stats });
      }
      await handle.close();
    } catch (error) {
      throw asRefusal(error, name);
    }
    throw new Refusal('E_NOT_FILE', `${name}: its part is not a file.`);
  }

  /** For reading the bytes that were written. */
  get handle(): FileHandle {
    return this.#handle;
  }

  /** Length, including bytes that are not written yet. */
  get length(): number {
    return this.#length;
  }

  /** Length on the disk: less than `length` if the disk took less. */
  async lengthOnDisk(): Promise<number> {
    return (await stat(onDisk(this.#path))).size;
  }

  /** Removes the file and starts over with a new one of the same name. */
  async empty(): Promise<void> {
    await this.#syncing;
    await this.#handle.close();
    await rm(onDisk(this.#path), { force: true });
    this.#handle = await open(onDisk(this.#path), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    this.#identity = await this.#handle.stat({ bigint: true });
    this.#length = 0;
  }

  /** Takes the chunk. Returns a promise if the disk is too slow: await it before the next chunk. */
  append(chunk: Uint8Array): Promise<void> | undefined {
    if (this.#failure !== undefined) {
      throw this.#failure;
    }
    this.#waiting.push(chunk);
    this.#waitingLength += chunk.length;
    this.#length += chunk.length;
    this.#writing ??= this.#write();
    return this.#waitingLength > MAX_WAITING ? this.#step : undefined;
  }

  /** Resolves when the operating system has all appended bytes. */
  async flush(): Promise<void> {
    await this.#writing;
    if (this.#failure !== undefined) {
      throw this.#failure;
    }
  }

  /** Resolves when all `size` bytes have come and the disk has them. Refuses another length. */
  async complete(size: number): Promise<void> {
    await this.flush();
    await this.#syncing;
    await this.flush(); // Throws if that sync failed.
    await this.#handle.sync();
    const { size: written } = await this.#handle.stat();
    if (written === size) {
      return;
    }
    throw new Refusal('E_LENGTH', `${this.#name} has ${written} bytes instead of ${size}.`);
  }

  /** Gives the part the mode and time of the original. Its owner can read and write it whatever the mode. */
  async keep(looks: Looks | undefined): Promise<void> {
    if (looks === undefined) {
      return;
    }
    await this.flush();
    await this.#handle.chmod(looks.mode | OWN);
    const seconds = looks.modified / MS;
    await this.#handle.utimes(seconds, seconds);
  }

  /** Closes the completed file and gives it its real name. Refuses if another program took over the part. */
  async land(target: string, { overwrite }: { readonly overwrite: boolean }): Promise<void> {
    const hasName = await this.#hasName();
    await this.close();
    if (!hasName) {
      throw new Refusal('E_BUSY', `${this.#name}: another program writes its part file.`);
    }
    try {
      if (overwrite) {
        await rename(onDisk(this.#path), onDisk(target));
      } else {
        await renameToNew(this.#path, target);
      }
    } catch (error) {
      throw asRefusal(error, this.#name);
    }
    await syncDirectory(dirname(target));
  }

  /** Closes the part and keeps its bytes for a later attempt. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** Closes the part and removes it, unless another program has put a new file in its place. */
  async discard(): Promise<void> {
    const hasName = await this.#hasName();
    await this.close();
    if (hasName) {
      await rm(onDisk(this.#path), { force: true });
    }
  }

  /** Whether the path still names the file that is written here. */
  async #hasName(): Promise<boolean> {
    const named = await stat(onDisk(this.#path), { bigint: true }).catch(() => undefined);
    return named?.ino === this.#identity.ino && named.dev === this.#identity.dev;
  }

  async #close(): Promise<void> {
    await this.#writing;
    await this.#syncing;
    await this.#handle.close();
  }

  /** Starts a sync now and then. Keeps its error, because not every system reports it a second time. */
  #syncAhead(length: number): void {
    this.#unsynced += length;
    if (this.#unsynced < SYNC_LENGTH || this.#syncing !== undefined) {
      return;
    }
    this.#unsynced = 0;
    this.#syncing = this.#handle
      .datasync()
      .catch((error: unknown) => {
        this.#failure ??= asRefusal(error, this.#name);
      })
      .finally(() => {
        this.#syncing = undefined;
      });
  }

  /** Writes all waiting bytes, one write at a time, until none wait. */
  async #write(): Promise<void> {
    try {
      while (this.#waitingLength > 0) {
        const chunks = this.#waiting;
        const position = this.#length - this.#waitingLength;
        const length = this.#waitingLength;
        this.#waiting = [];
        this.#waitingLength = 0;
        this.#step = writeAll(this.#handle, chunks, { position, length });
        await this.#step;
        this.#syncAhead(length);
      }
    } catch (error) {
      this.#failure = asRefusal(error, this.#name);
    } finally {
      this.#writing = undefined;
    }
  }
}

/** Writes all chunks. A writev may take fewer bytes, if the disk gets full or there are very many chunks. */
async function writeAll(
  handle: FileHandle,
  chunks: readonly Uint8Array[],
  place: { readonly position: number; readonly length: number },
): Promise<void> {
  const { bytesWritten } = await handle.writev(chunks, place.position);
  if (bytesWritten === place.length) {
    return;
  }
  const rest = Buffer.concat(chunks).subarray(bytesWritten);
  let done = 0;
  while (done < rest.length) {
    const position = place.position + bytesWritten + done;
    done += (await handle.write(rest, done, rest.length - done, position)).bytesWritten;
  }
}

/** Renames a file, but refuses a name that is taken by now. */
async function renameToNew(from: string, target: string): Promise<void> {
  try {
    await link(onDisk(from), onDisk(target));
  } catch (error) {
    const code = systemCode(error) ?? '';
    // Some file systems have no hard links. There, rename() replaces a file that has taken the name by now.
    if (!['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'].includes(code)) {
      throw error;
    }
    await rename(onDisk(from), onDisk(target));
    return;
  }
  await unlink(onDisk(from));
}

/** Syncs a directory: a new name survives a power cut only if its directory is on the disk as well. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(onDisk(path), constants.O_RDONLY).catch(() => undefined);
  // Windows opens no directories, so there the system chooses when it writes the name.
  await directory?.sync().catch(() => undefined);
  await directory?.close();
}
