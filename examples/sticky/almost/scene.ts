// Scene 2: the usual fix. It works on a loopback without delays, and breaks when the first 2 bytes come
// alone.

import { paint } from '../../support/ink.ts';
import { onOneLine } from '../../support/shown.ts';
import type { Style } from '../../support/ink.ts';
import { draw } from '../stage/picture.ts';
import { Program, startServer } from '../stage/programs.ts';
import type { Report } from '../stage/reports.ts';
import type { Stage } from '../stage/stage.ts';
import { Cutter } from './cutter.ts';

type Outcome = Extract<Report, { readonly kind: 'outcome' }>;
type ClientFile = 'almost/client.ts' | 'almost/unstick-client.ts';

const QUESTIONS = 300;
const CUT = 2;

/** The parts of one answer, and its length on the wire. */
interface Wire {
  readonly header: string;
  readonly body: string;
  readonly length: number;
}

export async function almostScene(stage: Stage): Promise<void> {
  const words = stage.words.almost;
  stage.title(2, words.title);
  stage.code(`client:  length = unpack('i', recv(4))`, words.mistake);
  stage.code('client:  framed(socket, messages(…))', words.unstick);
  stage.print();

  const { server, port } = await startServer('almost/server.ts');
  const quiet = await askQuietly(port);
  const whole = quiet.filter((outcome) => outcome.answer === `${process.version}\n`);
  stage.claims.check(words.claimQuiet(whole.length, QUESTIONS), whole.length === QUESTIONS);
  stage.print();

  const wire = wireOf(`${process.version}\n`);
  // The scene shows the first connection. The others are cut at every place in turn.
  const cuts = [CUT, ...Array.from({ length: wire.length - 1 }, (_, index) => index + 1)];
  const [almost, unstick] = await Promise.all([
    askThroughCuts('almost/client.ts', { port, wire, cuts }),
    askThroughCuts('almost/unstick-client.ts', { port, wire, cuts }),
  ]);
  await server.end();
  showFirst(stage, wire, [almost[0], unstick[0]]);
  stage.claims.check(
    words.claimBreaks,
    almost[0]?.error !== undefined && almost[0].chunks[0] === CUT,
  );
  stage.claims.check(
    words.claimUnstick,
    isWhole(unstick[0], wire) && unstick[0]?.chunks[0] === CUT,
  );
  stage.print();
  showMap(stage, wire, [almost.slice(1), unstick.slice(1)]);
  const places = unstick.slice(1).filter((outcome) => isWhole(outcome, wire)).length;
  stage.claims.check(words.claimPlaces(places, wire.length - 1), places === wire.length - 1);
}

/** Asks all questions without a proxy, as tests on one machine do. */
async function askQuietly(port: number): Promise<Outcome[]> {
  const client = new Program('almost/client.ts', [port, QUESTIONS]);
  return outcomesOf(client, QUESTIONS);
}

interface CutPlan {
  readonly port: number;
  readonly wire: Wire;
  readonly cuts: readonly number[];
}

async function askThroughCuts(file: ClientFile, plan: CutPlan): Promise<Outcome[]> {
  const { port, wire, cuts } = plan;
  const cutter = new Cutter(port, wire.length, cuts);
  const client = new Program(file, [await cutter.listen(), cuts.length]);
  client.hear('seen', ({ connection, bytes }) => cutter.seen(connection, bytes));
  const outcomes = await outcomesOf(client, cuts.length);
  cutter.close();
  return outcomes;
}

async function outcomesOf(client: Program, questions: number): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  while (outcomes.length < questions) {
    outcomes.push(await client.next('outcome'));
  }
  await client.end();
  return outcomes;
}

function wireOf(body: string): Wire {
  const header = JSON.stringify({ total_size: Buffer.byteLength(body) });
  return { header, body, length: 4 + Buffer.byteLength(header) + Buffer.byteLength(body) };
}

function isWhole(outcome: Outcome | undefined, wire: Wire): boolean {
  return outcome?.answer === wire.body;
}

function showFirst(stage: Stage, wire: Wire, outcomes: readonly (Outcome | undefined)[]): void {
  const { words } = stage;
  const [almost, unstick] = outcomes;
  stage.print(`  ${paint('dim', words.almost.moral)}`);
  const prefix = wire.header.length.toString(16).padStart(2, '0');
  const rows = [
    {
      name: words.messages,
      segments: [
        { length: 4, label: `${prefix} 00 00 00` },
        { length: wire.header.length, label: wire.header },
        { length: wire.body.length, label: onOneLine(wire.body) },
      ],
    },
    {
      name: words.chunks,
      segments: [
        { length: CUT, label: `${prefix} 00` },
        { length: wire.length - CUT, label: `00 00 … ${wire.length - CUT} bytes` },
      ],
    },
  ];
  stage.lines(draw(rows, Math.min(stage.width, 80)));
  stage.entry(words.almost.name, ...said(almost, wire));
  stage.entry('unstick', ...said(unstick, wire));
}

function said(outcome: Outcome | undefined, wire: Wire): [text: string, looks: { style: Style }] {
  const text = outcome?.error ?? onOneLine(outcome?.answer ?? '');
  return isWhole(outcome, wire)
    ? [`✔ ${text}`, { style: 'green' }]
    : [`✘ ${text}`, { style: 'red' }];
}

/** Shows a mark under each byte: whether the answer was whole when it was cut after this byte. */
function showMap(stage: Stage, wire: Wire, runs: readonly (readonly Outcome[])[]): void {
  const words = stage.words.almost;
  const [almost = [], unstick = []] = runs;
  const marks = (outcomes: readonly Outcome[]): string =>
    outcomes.map((one) => (isWhole(one, wire) ? paint('green', '✔') : paint('red', '✘'))).join('');
  const bytes = `${paint('cyan', '####')}${paint('yellow', wire.header)}${paint('magenta', onOneLine(wire.body))}`;
  stage.print(`  ${paint('dim', words.mapTitle(wire.length - 1))}`);
  const row = (name: string, text: string): void => stage.print(`  ${stage.name(name)}${text}`);
  row(stage.words.messages, bytes);
  row(words.name, marks(almost));
  row('unstick', marks(unstick));
}
