// The common parts of get and put: the questions before, the sentence after, and the reason of a failure.

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
  /** The command runs behind the prompt, where a bar would break the typed line. */
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
  /** The name that the file gets at the remote, or here after `get`. */
  readonly as?: string;
}

/** A transfer behind the prompt asks nothing: the next command would be taken for the answer. */
function canAsk({ talk, isBehind }: Session): boolean {
  return talk.canAsk && isBehind !== true;
}

/** Calls `stop` if the user cancels the command. Call what it returns when the transfer is over. */
export function onCancel(
  { signal }: Session,
  title: string,
  stop: (why: Refusal) => void,
): () => void {
  const cancel = (): void =>
    stop(new Refusal('E_CANCELLED', `${title}: cancelled. The part is kept: --resume goes on.`));
  signal?.addEventListener('abort', cancel);
  return () => signal?.removeEventListener('abort', cancel);
}

/** Asks before it overwrites a file. Without a terminal to ask on, it does not overwrite. */
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
    throw new Refusal('E_EXISTS', `${what}; give --yes to overwrite it.`);
  }
  if (await talk.ask(`${what}. Overwrite?`, false, session.signal)) {
    return;
  }
  throw new Refusal('E_EXISTS', `${what}, and stays.`);
}

/** Asks whether to go on where an earlier attempt broke off, or from the beginning. */
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
  throw new Refusal('E_UNFINISHED', `${what}; give --resume to go on, or --yes to start again.`);
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

/** Why a channel broke: the server says it in the answer to `finish`, unless it is gone itself. */
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
  const hint = 'The part is kept: --resume goes on.';
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
