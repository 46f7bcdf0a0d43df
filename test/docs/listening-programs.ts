// The programs of the documentation that listen, compiled for the siege (siege.ts). Fragments get the code
// that a reader would write around them, and names and ports are replaced by existing ones.

import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hex } from '../support/bytes.ts';
import { cert, key } from '../support/self-signed.ts';
import type { Block } from './markdown.ts';
import { compile, programsOfDocuments } from './programs.ts';
import type { Program } from './programs.ts';

/** What listens for strangers. The proxy of `chop` does not: it is for the one client under test. */
const LISTENS = /\b(?:serve|serveMessages|listen|createServer)\(/;

/** Exported functions, and the program that a reader writes around each. `undefined`: no server's business. */
export const AROUND: Readonly<Record<string, string | undefined>> = {
  byHand: undefined,
  receive: 'receive(0, async () => undefined);',
  oneByOne: attended('oneByOne'),
  chunkByChunk: attended('chunkByChunk'),
  shown: attended('shown'),
  sendAll: undefined,
};

/** A function that promises something of a socket: its caller handles the rejection. */
function attended(name: string): string {
  return `createServer({ allowHalfOpen: true }, (socket) => {
    ${name}(socket).then(() => socket.end(), () => socket.destroy());
  }).listen(0, '127.0.0.1');`;
}

/** A request in the protocol of docs/tutorial.md, as its last picture shows one. */
const TUTORIAL_REQUEST = hex('a701 0004 0000 31392e35 4869');

/** A request that a program answers, where that is no frame with four bytes of length. */
export function requestOf({ files }: Program): Uint8Array | undefined {
  return files?.has('protocol.mjs') === true ? TUTORIAL_REQUEST : undefined;
}

const all = programsOfDocuments();
const fragments = all.filter(({ block }) => functionsOf(block).length > 0);
const whole = all.filter(
  ({ block }) => functionsOf(block).length === 0 && LISTENS.test(block.text),
);
const callers = fragments.flatMap(({ block }, index) =>
  functionsOf(block).flatMap((name) => callerOf(name, block, index)),
);

/** Names of all exported functions of the documentation. */
export const fragmentNames: readonly string[] = fragments.flatMap(({ block }) =>
  functionsOf(block),
);

/** Programs that can be put to siege. */
export const besiegeable: readonly Program[] = [...whole, ...callers];

/** Compiles all of them, and `others`; gives what the compiler says. `fileOf` names the result of each. */
export function compileListening(directory: string, others: readonly Program[]): Promise<string> {
  for (const name of ['key', 'me-key']) {
    writeFileSync(join(directory, `${name}.pem`), key);
  }
  for (const name of ['cert', 'clients-ca', 'ca', 'me']) {
    writeFileSync(join(directory, `${name}.pem`), cert);
  }
  copyFileSync(join(import.meta.dirname, 'besieged.ts'), join(directory, 'besieged.mts'));
  return compile(directory, [...fragments, ...besiegeable, ...others].map(settledHere));
}

/** The compiled program: `index` counts those that can be put to siege, and the others behind them. */
export function fileOf(index: number): string {
  return join('out', `${fragments.length + index}.mjs`);
}

function functionsOf({ text }: Block): string[] {
  return [...text.matchAll(/^export (?:async )?function (\w+)/gm)].map(([, name = '']) => name);
}

/** A program that uses a function of the block, which is compiled as number `index`. */
function callerOf(name: string, block: Block, index: number): Program[] {
  const call = AROUND[name];
  if (call === undefined) {
    return [];
  }
  const imports = `import { createServer } from 'node:net';\nimport { ${name} } from './${index}.mjs';\n`;
  return [
    {
      block: { ...block, text: imports + call, place: `${block.place}, ${name}` },
      output: undefined,
    },
  ];
}

/** Names and ports that a reader replaces with real ones: the server stands first, then its client. */
function settledHere(program: Program): Program {
  const text = program.block.text
    .replace(/port: (?:8443|9107)/, 'port: 0')
    .replace('port: 8443', 'port: server.port')
    .replaceAll('server.example', 'localhost');
  return { ...program, block: { ...program.block, text } };
}
