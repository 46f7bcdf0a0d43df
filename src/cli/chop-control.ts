// The control of a running proxy. Commands are JSON lines on the standard input. Each command is answered by
// one JSON line on the standard output, in order. A line that is no valid command gets an error, and changes
// nothing.
//
//   {"do":"list"}                                           open connections, plans and faults
//   {"do":"plan","plan":"dribble","direction":"to-server"}  another plan; null: as it comes
//   {"do":"add","fault":"delay:50ms"}                       one more fault
//   {"do":"remove","fault":"delay:50ms"}                    one fault less
//   {"do":"clear"}                                          no plan and no faults
//
// `direction` is to-server, to-client or both (default). `id`, a number or a short text, is returned in the
// answer. A blank line gets no answer.

import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { parseFault } from '../chop/faults/faults.ts';
import type { Fault } from '../chop/faults/faults.ts';
import { toDirections } from '../chop/lanes.ts';
import type { ChopChange, LaneState } from '../chop/lanes.ts';
import type { ChopPlan } from '../chop/plan/slicing.ts';
import type { ChopProxy } from '../chop/proxy.ts';
import { isUnstickError } from '../errors.ts';
import { checkNames, oneOf, refuse, refuseValue } from '../options.ts';
import { printableJson } from '../text.ts';

/** Maximum length of a line in bytes. It is far longer than any command. */
const MAX_LINE = 64 * 1024;
const MAX_ID = 100;
const LINE_FEED = 10;

/** The names that each command may have besides `do` and `id`. */
const TAKES = {
  list: [],
  plan: ['plan', 'direction'],
  add: ['fault', 'direction'],
  remove: ['fault', 'direction'],
  clear: ['direction'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

const VERBS = Object.keys(TAKES).filter((word) => isVerb(word));

type Verb = keyof typeof TAKES;
type Id = string | number | undefined;

function isVerb(word: string): word is Verb {
  return Object.hasOwn(TAKES, word);
}

/** Turns words of the command line into plans, and keeps the words of plans and faults that are objects. */
export interface ChopWords {
  readonly toPlan: (word: string) => ChopPlan;
  /** For each plan and fault that is an object, the word that made it. */
  readonly known: WeakMap<object, string>;
}

function parseObject(line: string): object {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return refuse('A command must be JSON in one line.', 'Such as {"do":"list"}.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuseValue('A command', 'a JSON object', value);
  }
  return value;
}

function toId(id: unknown): Id {
  const isId = typeof id === 'number' || (typeof id === 'string' && id.length <= MAX_ID);
  return isId || id === undefined
    ? id
    : refuseValue('id', `a number or a text of up to ${MAX_ID} characters`, id);
}

function toWord(name: string, value: unknown): string {
  return typeof value === 'string' ? value : refuseValue(name, 'a text', value);
}

export class ChopControl {
  readonly #proxy: ChopProxy;
  readonly #words: ChopWords;

  constructor(proxy: ChopProxy, words: ChopWords) {
    this.#proxy = proxy;
    this.#words = words;
  }

  /** Answers the commands of a stream, until it ends or `signal` aborts. */
  async run(input: Readable, output: Writable, signal: AbortSignal): Promise<void> {
    for await (const line of linesOf(input)) {
      if (signal.aborted) {
        return;
      }
      const answer = line === undefined ? this.#refuseLong() : this.answer(line);
      if (!output.write(`${printableJson(answer)}\n`)) {
        await Promise.race([once(output, 'drain'), once(signal, 'abort')]);
      }
    }
  }

  /** Returns the answer to one command. */
  answer(line: string): object {
    let id: Id;
    try {
      const given = parseObject(line);
      id = toId(Reflect.get(given, 'id'));
      const verb = oneOf('do', Reflect.get(given, 'do'), VERBS);
      const names = ['do', 'id', ...TAKES[verb]].map((name) => [name, true as const]);
      checkNames(verb, given, Object.fromEntries(names));
      this.#carryOut(verb, given);
      const open = verb === 'list' ? { connections: this.#proxy.connections() } : {};
      return { answer: verb, id, ok: true, ...open, ...this.#state() };
    } catch (error) {
      if (!isUnstickError(error)) {
        throw error;
      }
      const { code, message } = error;
      return { answer: 'error', id, ok: false, error: { code, message } };
    }
  }

  #refuseLong(): object {
    const message = `A command must have at most ${MAX_LINE} bytes.`;
    return { answer: 'error', ok: false, error: { code: 'ERR_OPTION', message } };
  }

  #carryOut(verb: Verb, given: object): void {
    if (verb === 'list') {
      return;
    }
    const state = this.#proxy.state();
    const directions = toDirections(Reflect.get(given, 'direction'));
    const change = this.#changeFor(verb, given);
    this.#proxy.change({
      toServer: directions.includes('to-server') ? change(state.toServer) : undefined,
      toClient: directions.includes('to-client') ? change(state.toClient) : undefined,
    });
  }

  /** Returns a function that makes, for the state of a direction, the change that the command asks for. */
  #changeFor(verb: Exclude<Verb, 'list'>, given: object): (state: LaneState) => ChopChange {
    if (verb === 'clear') {
      return () => ({ plan: null, faults: [] });
    }
    if (verb === 'plan') {
      const word: unknown = Reflect.get(given, 'plan');
      const plan = word === null ? null : this.#toPlan(toWord('plan', word));
      return () => ({ plan });
    }
    const word = toWord('fault', Reflect.get(given, 'fault'));
    const fault = parseFault(word);
    this.#words.known.set(fault, word);
    return ({ faults }) => ({
      faults: verb === 'add' ? [...faults, fault] : without(faults, fault, word),
    });
  }

  #toPlan(word: string): ChopPlan {
    const plan = this.#words.toPlan(word);
    if (typeof plan === 'object') {
      this.#words.known.set(plan, word);
    }
    return plan;
  }

  #state(): object {
    const { toServer, toClient } = this.#proxy.state();
    return { toServer: this.#describe(toServer), toClient: this.#describe(toClient) };
  }

  #describe({ plan, faults }: LaneState): object {
    const { known } = this.#words;
    const toText = (value: object): string => known.get(value) ?? 'custom';
    const word = typeof plan === 'object' || typeof plan === 'function' ? toText(plan) : plan;
    return { plan: word ?? null, faults: faults.map(toText) };
  }
}

/** Returns the faults without the last fault that is equal to `fault`. */
function without(faults: readonly Fault[], fault: Fault, word: string): readonly Fault[] {
  const text = JSON.stringify(fault);
  const at = faults.findLastIndex((other) => JSON.stringify(other) === text);
  if (at < 0) {
    return refuse(`There is no fault ${word} in this direction.`, 'Ask with {"do":"list"}.');
  }
  return faults.toSpliced(at, 1);
}

/** Cuts a stream into lines. It keeps at most as many bytes as a line may have. */
class Lines {
  #parts: Uint8Array[] = [];
  #length = 0;

  /** Returns the lines that end in this chunk, with `undefined` for a line that is too long. */
  push(chunk: Uint8Array): (string | undefined)[] {
    const lines: (string | undefined)[] = [];
    let rest = chunk;
    for (let end = rest.indexOf(LINE_FEED); end >= 0; end = rest.indexOf(LINE_FEED)) {
      this.#keep(rest.subarray(0, end));
      rest = rest.subarray(end + 1);
      lines.push(...this.end());
    }
    this.#keep(rest);
    return lines;
  }

  /** Ends the line that was begun. Returns no line if it is blank, and `undefined` if it is too long. */
  end(): (string | undefined)[] {
    const line = this.#length > MAX_LINE ? undefined : Buffer.concat(this.#parts).toString().trim();
    this.#parts = [];
    this.#length = 0;
    return line === '' ? [] : [line];
  }

  #keep(part: Uint8Array): void {
    this.#length += part.length;
    this.#parts = this.#length > MAX_LINE ? [] : [...this.#parts, part];
  }
}

async function* linesOf(input: Readable): AsyncGenerator<string | undefined> {
  const lines = new Lines();
  for await (const chunk of input) {
    yield* lines.push(Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk)));
  }
  yield* lines.end();
}
