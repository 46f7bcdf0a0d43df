// Compares the shell, the file transfer and the chat with ssh, sftp and IRC, by running all of them here.
// It needs the Debian packages openssh-server, openssh-client and ngircd. A comparison whose server is not
// installed is left out, and the program says so.
//
//   npx tsx examples/against/run.ts --size 64 --files 200 --idle 20
//   npx tsx examples/against/run.ts --size 1024 --files 2000 --idle 100 --write
//
// --only ssh|sftp|irc   runs one comparison.
// --size, --files, --idle, --rounds, --patience   see settings.ts; here the size is in MiB.
// --write   writes the tables into the READMEs. Refused while other programs use the machine, except with:
// --busy    writes them all the same; the tables then say "busy".

import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Complaint, countOf, readArgs, runProgram } from '../support/program.ts';
import { writeMarked } from '../support/marks.ts';
import { onStage } from '../support/stage.ts';
import type { Stage } from '../support/stage.ts';
import { againstIrc } from './chat.ts';
import { againstSftp } from './files.ts';
import { load } from './measure.ts';
import type { Settings } from './settings.ts';
import { againstSsh } from './shell.ts';
import { tableOf } from './table.ts';
import type { Comparison } from './table.ts';

interface Contest {
  readonly needs: string;
  /** The folder of the example. */
  readonly example: string;
  readonly compare: (stage: Stage, settings: Settings) => Promise<Comparison>;
}

const contests: Readonly<Record<string, Contest>> = {
  ssh: { needs: '/usr/sbin/sshd', example: 'remote-shell', compare: againstSsh },
  sftp: { needs: '/usr/sbin/sshd', example: 'file-transfer', compare: againstSftp },
  irc: { needs: '/usr/sbin/ngircd', example: 'chat', compare: againstIrc },
};

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
  if (values.write && before > CALM && !values.busy) {
    throw new Complaint(
      `The load is ${before.toFixed(1)}, above ${CALM}, so no figures are written. Wait, or add --busy.`,
    );
  }
  for (const [name, contest] of Object.entries(contests)) {
    if (values.only === undefined || values.only === name) {
      await play(name, contest, { settings, before, write: values.write });
    }
  }
  process.exit();
});

async function play(
  name: string,
  { needs, example, compare }: Contest,
  run: { readonly settings: Settings; readonly before: number; readonly write: boolean },
): Promise<void> {
  if (!existsSync(needs)) {
    console.log(`${name} is left out: there is no ${needs}.`);
    return;
  }
  await onStage(import.meta.url, async (stage) => {
    const table = tableOf(await compare(stage, run.settings));
    const calm = run.before > CALM ? 'busy' : 'calm';
    const machine = `${availableParallelism()} cores, Node ${process.versions.node}, load before ${run.before.toFixed(1)} (${calm})`;
    const text = `${table}\n\nMedian of ${run.settings.rounds}; ${machine}.`;
    console.log(`${text}\n`);
    if (run.write) {
      for (const page of ['README.md', 'README.zh-CN.md']) {
        writeMarked(new URL(`../${example}/${page}`, import.meta.url), 'against', text);
      }
    }
  });
}
