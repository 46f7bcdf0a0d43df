// Fetches a file into a part file in the folder of its target (part-path.ts). If the SHA-256 of the part is
// that of the server's file, the part gets the target's name. It gets the mode and time of the server's file,
// too.

import { lstat, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { onDisk } from '../../support/raw-text.ts';
import { addPrefix, Checksums } from '../both/checksums.ts';
import type { Sums } from '../both/checksums.ts';
import { checkSpace, PartFile } from '../both/part-file.ts';
import { receiveFile } from '../both/pump.ts';
import { Refusal, systemCode } from '../both/refusal.ts';
import { toShown } from '../both/shown-name.ts';
import { countOf, looksOf, textOf } from '../both/wire.ts';
import type { Fields } from '../both/wire.ts';
import { localName } from './local-name.ts';
import { isPartName, lockPart, partPathOf } from './part-path.ts';
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

/** After these errors the part is useless: a mixture of two versions, or damaged. */
const uselessAfter: ReadonlySet<string | undefined> = new Set(['E_CHANGED', 'E_CHECKSUM']);

/** Targets of this process that are being written. */
const busy = new Set<string>();

export async function get(session: Session, remote: string, flags: TransferFlags): Promise<void> {
  const name = flags.as ?? localName(remote.replace(/\/+$/, '').replace(/^.*\//s, ''));
  if (name === '' || name === '.' || name === '..') {
    throw new Refusal('E_NAME', `${remote} is not the name of a file.`);
  }
  if (isPartName(name)) {
    const hint = 'Give another name with --as.';
    throw new Refusal('E_NAME', `${name} would be the name of an unfinished file here. ${hint}`);
  }
  const target = resolve(session.directory, name);
  if (busy.has(target)) {
    throw new Refusal('E_BUSY', `${toShown(name)} is being fetched already.`);
  }
  busy.add(target);
  try {
    await checkFolder(dirname(target));
    const shown = toShown(name);
    const unlock = await lockPart(partPathOf(target), shown);
    try {
      await new Get(session, remote, { name: shown, target, flags }).run();
    } finally {
      await unlock();
    }
  } finally {
    busy.delete(target);
  }
}

async function checkFolder(folder: string): Promise<void> {
  const there = await stat(onDisk(folder)).catch(() => undefined);
  if (there === undefined) {
    throw new Refusal('E_NO_FILE', `There is no folder ${folder} here.`);
  }
  if (!there.isDirectory()) {
    throw new Refusal('E_NOT_DIRECTORY', `${folder} is not a folder here.`);
  }
}

interface Place {
  /** As the user sees it. */
  readonly name: string;
  readonly target: string;
  readonly flags: TransferFlags;
}

class Get {
  readonly #session: Session;
  readonly #remote: string;
  readonly #place: Place;
  readonly #begun: number = performance.now();
  #sums: Checksums;

  constructor(session: Session, remote: string, place: Place) {
    this.#session = session;
    this.#remote = remote;
    this.#place = place;
    this.#sums = new Checksums({ md5: place.flags.md5 === true });
  }

  async run(): Promise<void> {
    const overwrite = await this.#checkTarget();
    const part = await PartFile.open(partPathOf(this.#place.target), this.#place.name);
    try {
      const done = await this.#fetch(part);
      await part.complete(done.size);
      await part.land(this.#place.target, { overwrite });
      this.#session.talk.say(summary({ ...done, begun: this.#begun }, done.answer));
    } catch (error) {
      // Keep the bytes for --resume, if there are any.
      if (uselessAfter.has(codeOf(error)) || part.length === 0) {
        await part.discard();
      } else {
        await part.close();
      }
      throw error;
    }
  }

  /** Returns whether the target exists. Refuses if it exists and may not be overwritten. */
  async #checkTarget(): Promise<boolean> {
    const { name, target, flags } = this.#place;
    const there = await lstat(onDisk(target)).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') {
        return undefined;
      }
      throw error;
    });
    if (there === undefined) {
      return false;
    }
    if (there.isDirectory()) {
      throw new Refusal('E_IS_DIRECTORY', `${name} is a directory here.`);
    }
    await mayOverwrite(this.#session, `${name} exists here`, flags);
    return true;
  }

  async #fetch(part: PartFile): Promise<{
    title: string;
    position: number;
    size: number;
    from: number;
    answer: Fields;
  }> {
    const { talk } = this.#session;
    const title = `got ${this.#place.name}`;
    await this.#begin(part);
    const { peer } = this.#session;
    const question = { path: this.#remote, have: part.length, sha256: this.#sums.soFar() };
    const ticketAnswer = await ask(peer, 'get', { ...question, md5: this.#md5 });
    const [ticket, size] = [countOf(ticketAnswer, 'ticket'), countOf(ticketAnswer, 'size')];
    const from = countOf(ticketAnswer, 'from');
    if (from !== part.length) {
      talk.note(
        `The part does not match ${this.#place.name} on the server: fetching it from the start`,
      );
      await this.#startOver(part);
    }
    await this.#receive(part, { ticket, size });
    await part.keep(looksOf(ticketAnswer));
    const answer = await ask(peer, 'finish', { ticket });
    this.#compare(this.#sums.digest(), answer);
    return { title, position: part.length, size, from, answer };
  }

  /** Uses the bytes of an earlier attempt, or throws them away. */
  async #begin(part: PartFile): Promise<void> {
    if (part.length === 0) {
      return;
    }
    const { name, flags } = this.#place;
    const what = `${part.length} bytes of ${name} are here from an earlier attempt`;
    if (await mayResume(this.#session, what, flags)) {
      await addPrefix(this.#sums, part.handle, part.length);
    } else {
      await this.#startOver(part);
    }
  }

  async #startOver(part: PartFile): Promise<void> {
    await part.empty();
    this.#sums = new Checksums({ md5: this.#md5 });
  }

  async #receive(
    part: PartFile,
    { ticket, size }: { ticket: number; size: number },
  ): Promise<void> {
    const { name, target } = this.#place;
    const { peer } = this.#session;
    const channel = peer.open('bytes', { ticket, from: part.length });
    channel.end();
    const bar = barOf(this.#session, { name, size, from: part.length });
    const stopWatching = onCancel(this.#session, `get ${name}`, (why) => channel.destroy(why));
    try {
      await checkSpace(dirname(target), size - part.length, name);
      const onBytes = (length: number): void => bar.advance(length);
      await receiveFile(channel, part, { size, sums: this.#sums, onBytes });
    } catch (error) {
      channel.reset();
      const progressed = { title: `get ${name}`, position: part.length, size };
      throw await whyItBroke(this.#session, ticket, { error, progressed });
    } finally {
      stopWatching();
      bar.stop();
    }
  }

  #compare(own: Sums, answer: Fields): void {
    if (own.sha256 === textOf(answer, 'sha256')) {
      return;
    }
    const { name } = this.#place;
    throw new Refusal('E_CHECKSUM', `${name}: the checksums differ; it was damaged on the way.`);
  }

  get #md5(): boolean {
    return this.#place.flags.md5 === true;
  }
}
