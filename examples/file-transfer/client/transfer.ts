// The common parts of get and put: flags, progress, cancelling, the questions before a transfer, the line
// after it, and the reason of a failure.

import { ConnectionError } from '../../../src/entries/main.ts';
import { RemoteError } from '../../../src/entries/peer.ts';
import type { Peer } from '../../../src/entries/peer.ts';
import { Refusal } from '../both/refusal.ts';
import { showPercent, showSize } from '../both/sizes.ts';
import { fieldsOf, textOf } from '../both/wire.ts';
import type { Fields } from '../both/wire.ts';
import { noBar } from './progress.ts';
import type { Bar } from './progress.ts';
import type { Talk } from './talk.ts';

/** The session of a command. */
export interface Session {
  readonly peer: Peer;
  readonly talk: Talk;
  /** The local folder of the files. */
  readonly directory: string;
  /** Set if the command runs in the background. Then it shows no bar, which would break the typed line. */
  readonly isBehind?: boolean;
  /** Aborts when the user cancels the command. */
  readonly signal?: AbortSignal;
}

export function barOf(
  session: Session,
  progressed: { name: string; size: number; from: number },
): Bar {
  const { name, size, from } = progressed;
  return session.isBehind === true ? noBar : session.talk.progress.start(name, size, from);
}

export interface TransferFlags {
  /** Overwrites without asking. */
  readonly yes?: boolean;
  /** Goes on where an earlier attempt broke off, without asking. */
  readonly resume?: boolean;
  /** Computes MD5 as well. */
  readonly md5?: boolean;
  /** Takes directories, with all that is in them. */
  readonly r?: boolean;
  /** The name of the copy: on the server after `put`, here after `get`. */
  readonly as?: string;
}

/** Whether the user can be asked. Not in the background: the next command would be taken for the answer. */
function canAsk({ talk, isBehind }: Session): boolean {
  return talk.canAsk && isBehind !== true;
}

/** Calls `stop` if the user cancels the command. Returns a function to call when the transfer is over. */
export function onCancel(
  { signal }: Session,
  title: string,
  stop: (why: Refusal) => void,
): () => void {
  const cancel = (): void =>
    stop(
      new Refusal('E_CANCELLED', `${title}: cancelled. The part is kept; --resume continues it.`),
    );
  signal?.addEventListener('abort', cancel);
  return () => signal?.removeEventListener('abort', cancel);
}

/** Asks before a file is overwritten. Throws if the user says no, or cannot be asked. */
export async function mayOverwrite(
  session: Session,
  what: string,
  flags: TransferFlags,
): Promise<void> {
  if (flags.yes === true) {
    return;
  }
  const { talk } = session;
  if (!canAsk(session)) {
    throw new Refusal('E_EXISTS', `${what}; --yes overwrites it.`);
  }
  if (await talk.ask(`${what}. Overwrite?`, false, session.signal)) {
    return;
  }
  throw new Refusal('E_EXISTS', `${what}, and was not overwritten.`);
}

/** Asks whether to go on where an earlier attempt broke off. Throws if the user cannot be asked. */
export async function mayResume(
  session: Session,
  what: string,
  flags: TransferFlags,
): Promise<boolean> {
  if (flags.resume === true) {
    return true;
  }
  if (flags.yes === true) {
    return false;
  }
  if (canAsk(session)) {
    return await session.talk.ask(`${what}. Resume?`, true, session.signal);
  }
  throw new Refusal('E_UNFINISHED', `${what}; --resume continues, --yes starts again.`);
}

/** The code of a refusal, of this side or of the server. */
export function codeOf(error: unknown): string | undefined {
  if (error instanceof RemoteError) {
    return error.remoteCode;
  }
  return error instanceof Refusal ? error.code : undefined;
}

export interface Progressed {
  readonly title: string;
  readonly position: number;
  readonly size: number;
}

/** Why a channel broke. The server says so in its answer to `finish`, unless the connection broke, too. */
export async function whyItBroke(
  { peer }: Session,
  ticket: number,
  { error, progressed }: { error: unknown; progressed: Progressed },
): Promise<unknown> {
  if (error instanceof Refusal) {
    return error;
  }
  const answer = await peer.request('finish', { ticket }).then(
    () => error,
    (refusal: unknown) => refusal,
  );
  if (answer instanceof RemoteError) {
    return answer;
  }
  if (!(answer instanceof ConnectionError)) {
    return answer;
  }
  const { title, position, size } = progressed;
  const where = `${position} of ${size} bytes (${showPercent(position, size)})`;
  const hint = 'The part is kept; --resume continues it.';
  return new Error(`${title}: the connection broke at ${where}. ${hint}`, { cause: answer });
}

/** The line that reports a finished transfer. */
export function summary(
  done: Progressed & { readonly from: number; readonly begun: number },
  answer: Fields,
): string {
  const { title, size, from, begun } = done;
  const seconds = Math.max(0.001, (performance.now() - begun) / 1000);
  const rate = `${showSize((size - from) / seconds)}/s`;
  const resumed = from > 0 ? `, resumed at ${from} (${showPercent(from, size)})` : '';
  const md5 = answer['md5'] === undefined ? '' : `, md5 (integrity only) ${textOf(answer, 'md5')}`;
  const sha256 = textOf(answer, 'sha256');
  return `${title}: ${size} bytes in ${seconds.toFixed(2)} s, ${rate}${resumed}, sha256 ${sha256}${md5}`;
}

export async function ask(
  peer: Peer,
  name: string,
  params: Readonly<Record<string, string | number | boolean>>,
): Promise<Fields> {
  const { result } = await peer.request(name, params);
  return fieldsOf(result);
}
