// The rehearsal, which is the first play of a dialogue. It follows the script whatever the remote sends, or
// the report has the reason why it cannot.

import { once } from 'node:events';
import net from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseDialogue } from '../../../src/prove/dialogue/parse.ts';
import type { Dialogue } from '../../../src/prove/dialogue/dialogue.ts';
import { proveServer } from '../../../src/prove/server/prove-server.ts';
import type { ProveServerOptions } from '../../../src/prove/server/options.ts';

function dialogueOf(...steps: readonly object[]): Dialogue {
  return parseDialogue(JSON.stringify({ version: 1, steps }));
}

/**
 * Starts a server that answers each chunk with these bytes, or with `floods` again and again. Resolves to its
 * address.
 */
async function answering(answer: string, floods = false): Promise<string> {
  const server = net.createServer((socket) => {
    const say = (): void =>
      void socket.write(answer, () => (floods && socket.writable ? say() : 0));
    socket.on('error', () => socket.destroy()).on('data', say);
  });
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  return `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

async function reasonOf(options: ProveServerOptions): Promise<string> {
  const report = await proveServer({ patience: 1000, runs: 1, ...options });
  expect(report.verdict).toBe('INCONCLUSIVE');
  return report.because ?? '';
}

describe('what a server says', () => {
  const login = {
    from: 'client',
    say: [
      {
        proof: 'scram-sha-256',
        with: { 'client-first': 'n=u,r=x', 'server-first': [{ value: 'first' }], password: 'p' },
      },
    ],
  };
  const scram = dialogueOf(
    { from: 'client', say: [{ text: 'n=u,r=x\n' }] },
    {
      from: 'server',
      say: [{ text: '<x>\n' }],
      until: { lines: 1 },
      capture: { first: { after: { text: '<' }, before: { text: '>' } } },
    },
    login,
  );

  test.each([
    ['no value', 'hello\n', 'step 1 has no value "first"'],
    ['an empty value', '<>\n', 'step 2 cannot be said: scram-sha-256 needs'],
    ['a value that is no challenge', '<nonsense>\n', 'step 2 cannot be said: scram-sha-256 needs'],
    ['too many iterations', '<r=x,s=YQ==,i=1000001>\n', 'and "server-first" wants 1000001'],
    ['no iterations', '<r=x,s=YQ==,i=0>\n', 'and "server-first" wants 0'],
    ['half a step', 'hello', 'in step 1 only 5 bytes came'],
  ])('is INCONCLUSIVE with the reason, such as %s', async (_, answer, words) => {
    expect(await reasonOf({ to: await answering(answer), dialogue: scram })).toContain(words);
  });

  test('is INCONCLUSIVE where it does not end', async () => {
    const dialogue = dialogueOf(
      { from: 'client', say: [{ text: 'hi' }] },
      { from: 'server', say: [], until: { marker: { text: 'END' } } },
    );
    const to = await answering('a'.repeat(65_536), true);
    expect(await reasonOf({ to, dialogue })).toContain('the server floods');
  });
});

test('a refusal that is as long as the recorded answer is a warning', async () => {
  const dialogue = dialogueOf(
    { from: 'client', say: [{ text: 'login\n' }] },
    { from: 'server', say: [{ text: 'welcome\n' }] },
  );
  const options = { dialogue, patience: 1000, runs: 1 };
  const refused = await proveServer({ ...options, to: await answering('refused\n') });
  const taken = await proveServer({ ...options, to: await answering('welcome\n') });
  expect(refused.warnings).toEqual([
    'step 1 of the dialogue differs from what the server says now: "refused\\n"; record the dialogue again if this is an error',
  ]);
  expect(taken.warnings).toEqual([]);
});

test('a client uses a value that the prover says itself', async () => {
  const program = `const socket = require('net').connect(+process.argv[1], '127.0.0.1'); let rest = '';
    socket.on('data', (chunk) => { rest += chunk; if (rest === 'n=7\\n') socket.end('got ' + rest[2]); });`;
  const report = await proveServer({
    client: `exec node -e "${program.replaceAll('\n', ' ')}" {port}`,
    dialogue: dialogueOf(
      { from: 'server', say: [{ text: 'n=7\n' }], capture: { n: { at: 2, length: 1 } } },
      { from: 'client', say: [{ text: 'got ' }, { value: 'n' }] },
    ),
    runs: 1,
    seed: 1,
  });
  expect(report.verdict).toBe('SAFE');
});
