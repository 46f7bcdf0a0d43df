// The scene of classic: the course's Python programs and ours in TypeScript, in all four pairs of client and
// server; a cut that the course's client does not survive; and commands without and with a boundary.

import { chop } from '../../src/entries/testing.ts';
import type { ChopProxy } from '../../src/entries/testing.ts';
import { hasPython } from '../support/python.ts';
import type { Stage, StartedProgram } from '../support/stage.ts';
import { askTogether } from './ask-together.ts';
import { servePython, startPythonClient } from './python.ts';

const COMMANDS = ['echo 粘包', 'seq 1 5', 'ls /there-is-no-such-folder', 'echo the end', 'quit'];
/** The output of a client for COMMANDS, in either language. */
const EXPECTED = /粘包\n+(>>: )?1\n2\n3\n4\n5\n[^]*no-such-folder[^]*the end\n/;
/** Number of bytes after which the answers are cut: inside the length. */
const CUT = 2;

export async function play(stage: Stage): Promise<void> {
  if (hasPython) {
    await playWithPython(stage);
  } else {
    stage.say('There is no python3 here, so the part with the course’s own programs is left out.');
  }
  stage.say(
    '\nAnd the commands? Bare commands have no boundary; commands with a length in front have one.',
  );
  await playCommands(stage);
}

async function playWithPython(stage: Stage): Promise<void> {
  stage.say('The course’s server in Python.');
  const python = await servePython(stage);
  await playPair(stage, startPythonClient(stage, python.port), 'Python asks Python');
  await playPair(stage, startClient(stage, python.port), 'TypeScript asks Python');
  await playCut(stage, python.port);
  await python.server.end();

  stage.say('\nThe same server in TypeScript.');
  const { server, port } = await stage.serve('server.ts', [], { name: 'server.ts' });
  await playPair(stage, startPythonClient(stage, port), 'Python asks TypeScript');
  await playPair(stage, startClient(stage, port), 'TypeScript asks TypeScript');
  await server.end();
}

function startClient(stage: Stage, port: number): StartedProgram {
  return stage.start('client.ts', ['--port', port], { name: 'client.ts' });
}

async function playPair(stage: Stage, client: StartedProgram, claim: string): Promise<void> {
  client.type(COMMANDS.map((command) => `${command}\n`).join(''));
  const { code, stdout } = await client.ended;
  stage.check(`${claim}: every answer, whole`, code === 0 && EXPECTED.test(stdout), stdout);
}

/** Delivers the first two bytes of the answer alone, first to the course's client, then to ours. */
async function playCut(stage: Stage, port: number): Promise<void> {
  stage.say(`\nThe first ${CUT} bytes of the answer arrive a little before the rest.`);
  const proxy = await cutting(port);
  const python = startPythonClient(stage, proxy.port);
  python.type('echo 粘包\nquit\n');
  const { code, stderr } = await python.ended;
  stage.check('recv(4), once: struct.error', code === 1 && stderr.includes('struct.error'));
  const ours = startClient(stage, proxy.port);
  ours.type('echo 粘包\nquit\n');
  const ending = await ours.ended;
  stage.check('unstick: the answer', ending.code === 0 && ending.stdout.includes('粘包'));
  await proxy.close();
}

function cutting(port: number): Promise<ChopProxy> {
  return chop({
    listen: '127.0.0.1:0',
    to: `127.0.0.1:${port}`,
    schedules: [{ v: 1, seed: 0, direction: 'to-client', ops: [{ kind: 'cut', n: CUT }] }],
  });
}

async function playCommands(stage: Stage): Promise<void> {
  const commands = { bare: ['echo one', 'echo two'], framed: ['echo one', 'echo two', ''] };
  for (const framing of ['bare', 'framed'] as const) {
    const { server, port } = await stage.serve('server.ts', ['--commands', framing]);
    const answers = await askTogether(port, framing, commands[framing]);
    stage.say(`  me        │ ${answers.map((answer) => JSON.stringify(answer)).join(' ')}`);
    const claim = {
      bare: 'two bare commands, sent at once, are one command',
      framed: 'two framed commands and an empty one, sent at once, are three commands',
    };
    const right = { bare: ['oneecho two\n'], framed: ['one\n', 'two\n', ''] };
    stage.check(claim[framing], answers.join() === right[framing].join());
    await server.end();
  }
}
