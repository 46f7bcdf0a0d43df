// Compares the shell, the file transfer and the chat with ssh, sftp and IRC, by running all of them here.
// It needs the Debian packages openssh-server, openssh-client and ngircd. A comparison whose server is not
// installed is left out, and the program says so.
//
//   npx tsx examples/against/run.ts --size 64 --files 200 --idle 20
//   npx tsx examples/against/run.ts --size 1024 --files 2000 --idle 100 --write
//
// --only ssh|sftp|irc   runs one comparison.
// --size, --files, --idle, --rounds, --patience   see settings.ts; here the size is in MiB.
// --facts   only tries what both do in some cases, and measures nothing.
// --write   writes the tables into the READMEs. Refused while other programs use the machine, except with:
// --busy    writes them all the same; the tables then say "busy".

import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Complaint, countOf, readArgs, runProgram } from '../support/program.ts';
import { writeMarked } from '../support/marks.ts';
import { onStage } from '../support/stage.ts';
import { contests } from './contests.ts';
import type { Contest } from './contests.ts';
import { load } from './measure.ts';
import type { Settings } from './settings.ts';
import { tableOf } from './table.ts';

/** A load of at most this is that of an idle machine. */
const CALM = 0.5;
const MIB = 2 ** 20;

await runProgram(async () => {
  const { values } = readArgs('Compares the examples with ssh, sftp and IRC.', {
    options: {
      only: { type: 'string' },
      size: { type: 'string', default: '64' },
      files: { type: 'string', default: '200' },
      idle: { type: 'string', default: '20' },
      rounds: { type: 'string', default: '3' },
      patience: { type: 'string', default: '60' },
      facts: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      busy: { type: 'boolean', default: false },
    },
  });
  const settings: Settings = {
    size: MIB * countOf('size', values.size),
    files: countOf('files', values.files),
    idle: countOf('idle', values.idle),
    rounds: countOf('rounds', values.rounds),
    patience: countOf('patience', values.patience),
  };
  const before = load();
  if (values.write && !values.facts && before > CALM && !values.busy) {
    throw new Complaint(
      `The load is ${before.toFixed(1)}, above ${CALM}, so no figures are written. Wait, or add --busy.`,
    );
  }
  for (const [name, contest] of Object.entries(contests)) {
    if (values.only === undefined || values.only === name) {
      const { facts, write } = values;
      await play(name, contest, { settings: facts ? undefined : settings, before, write });
    }
  }
  process.exit();
});

async function play(
  name: string,
  contest: Contest,
  run: {
    /** Without settings only the facts are tried. */
    readonly settings: Settings | undefined;
    readonly before: number;
    readonly write: boolean;
  },
): Promise<void> {
  const { settings, before, write } = run;
  if (!existsSync(contest.needs)) {
    console.log(`${name} is left out: there is no ${contest.needs}.`);
    return;
  }
  const print = (part: string, text: string): void => {
    console.log(`${text}\n`);
    for (const page of write ? ['README.md', 'README.zh-CN.md'] : []) {
      writeMarked(new URL(`../${contest.example}/${page}`, import.meta.url), part, text);
    }
  };
  await onStage(import.meta.url, async (stage) => {
    print('facts', tableOf(await contest.facts(stage)));
    if (settings !== undefined) {
      const table = tableOf(await contest.compare(stage, settings));
      const calm = before > CALM ? 'busy' : 'calm';
      const machine = `${availableParallelism()} cores, Node ${process.versions.node}, load before ${before.toFixed(1)} (${calm})`;
      print('against', `${table}\n\nMedian of ${settings.rounds}; ${machine}.`);
    }
  });
}
