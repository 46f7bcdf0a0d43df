// Sends a file. The server gives the copy its name only if the SHA-256 of both sides is the same.

import { constants } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { onDisk } from '../../support/raw-text.ts';
import { addPrefix, Checksums } from '../both/checksums.ts';
import { sendFile } from '../both/pump.ts';
import { Refusal, systemCode } from '../both/refusal.ts';
import { fromTyped, toShown } from '../both/shown-name.ts';
import { countOf, textOf } from '../both/wire.ts';
import type { Fields, Looks, Unfinished } from '../both/wire.ts';
import {
  ask,
  barOf,
  codeOf,
  mayOverwrite,
  mayResume,
  onCancel,
  summary,
  whyItBroke,
} from './transfer.ts';
import type { Session, TransferFlags } from './transfer.ts';

const { O_RDONLY, O_NONBLOCK } = constants;
const PERMISSIONS = 0o777;

export async function put(session: Session, local: string, flags: TransferFlags): Promise<void> {
  const begun = performance.now();
  const file = await openLocal(resolve(session.directory, local), toShown(local));
  try {
    const offer = new Offer(session, fromTyped(flags.as ?? toShown(basename(local))), flags);
    const done = await offer.send(file);
    session.talk.say(summary({ ...done, begun }, done.answer));
  } finally {
    await file.close();
  }
}

/** Opens the file to send. O_NONBLOCK is there because opening a pipe would wait for a writer without it. */
async function openLocal(path: string, name: string): Promise<FileHandle> {
  let file: FileHandle;
  try {
    file = await open(onDisk(path), O_RDONLY | O_NONBLOCK);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      throw new Refusal('E_NO_FILE', `There is no ${name} here.`);
    }
    throw error;
  }
  const stats = await file.stat();
  if (stats.isFile()) {
    return file;
  }
  await file.close();
  if (!stats.isDirectory()) {
    throw new Refusal('E_NOT_FILE', `${name} is not a file.`);
  }
  throw new Refusal('E_IS_DIRECTORY', `${name} is a directory; put takes files.`);
}

/** What the copy keeps of the file besides its bytes. */
function looksOfFile({ mode, mtimeMs }: BigIntStats): Looks {
  return { mode: Number(mode) & PERMISSIONS, modified: Math.max(0, Number(mtimeMs)) };
}

interface Sent {
  readonly title: string;
  readonly position: number;
  readonly size: number;
  readonly from: number;
  readonly answer: Fields;
}

class Offer {
  readonly #session: Session;
  readonly #name: string;
  readonly #flags: TransferFlags;
  #overwrite: boolean;
  #unfinished: Unfinished;
  #sums: Checksums;

  constructor(session: Session, name: string, flags: TransferFlags) {
    this.#session = session;
    this.#name = name;
    this.#flags = flags;
    this.#overwrite = flags.yes === true;
    const { yes, resume } = flags;
    this.#unfinished = resume === true ? 'resume' : yes === true ? 'restart' : 'ask';
    this.#sums = this.#newSums();
  }

  async send(file: FileHandle): Promise<Sent> {
    const stats = await file.stat({ bigint: true });
    const size = Number(stats.size);
    const accepted = await this.#offer(size, looksOfFile(stats));
    const ticket = countOf(accepted, 'ticket');
    const from = await this.#agree(file, accepted, size);
    const { peer } = this.#session;
    const channel = peer.open('bytes', { ticket, from });
    channel.resume(); // The server sends nothing here, but read to see its end.
    const bar = barOf(this.#session, { name: this.#name, size, from });
    let position = from;
    let cancelled: Error | undefined;
    const stopWatching = onCancel(this.#session, `put ${this.#name}`, (why) => {
      cancelled = why;
      channel.destroy(why);
    });
    const onBytes = (length: number): void => {
      position += length;
      bar.advance(length);
    };
    try {
      await sendFile(file, channel, { from, begun: stats, sums: this.#sums, onBytes });
    } catch (error) {
      channel.reset(codeOf(error));
      const progressed = { title: `put ${this.#name}`, position, size };
      throw cancelled ?? (await whyItBroke(this.#session, ticket, { error, progressed }));
    } finally {
      stopWatching();
      bar.stop();
    }
    const { sha256 } = this.#sums.digest();
    const answer = await ask(peer, 'finish', { ticket, sha256 });
    return { title: `put ${this.#name}`, position, size, from, answer };
  }

  /** Asks until the server takes the file. The server may refuse twice first; then the user is asked. */
  async #offer(size: number, looks: Looks): Promise<Fields> {
    const { peer } = this.#session;
    for (;;) {
      try {
        const [overwrite, unfinished] = [this.#overwrite, this.#unfinished];
        const md5 = this.#flags.md5 === true;
        const wanted = { path: this.#name, size, overwrite, unfinished, md5 };
        return await ask(peer, 'put', { ...wanted, ...looks });
      } catch (error) {
        const code = codeOf(error);
        if (code === 'E_EXISTS' && !this.#overwrite) {
          await mayOverwrite(this.#session, `${this.#name} exists on the server`, this.#flags);
          this.#overwrite = true;
        } else if (code === 'E_UNFINISHED' && this.#unfinished === 'ask') {
          const what = `Part of ${this.#name} is on the server from an earlier attempt`;
          const goOn = await mayResume(this.#session, what, this.#flags);
          this.#unfinished = goOn ? 'resume' : 'restart';
        } else {
          throw error;
        }
      }
    }
  }

  /** The position to send from: after the part that the server has, if this file begins with it, else 0. */
  async #agree(file: FileHandle, accepted: Fields, size: number): Promise<number> {
    const have = countOf(accepted, 'have');
    if (have === 0) {
      return 0;
    }
    if (have <= size) {
      await addPrefix(this.#sums, file, have);
      if (this.#sums.soFar() === textOf(accepted, 'sha256')) {
        return have;
      }
    }
    this.#session.talk.note(
      `The part on the server does not match ${this.#name}: sending it from the start`,
    );
    this.#sums = this.#newSums();
    return 0;
  }

  #newSums(): Checksums {
    return new Checksums({ md5: this.#flags.md5 === true });
  }
}
