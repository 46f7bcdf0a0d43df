// Which clients are let in and what they may run, with real processes: tokens, TLS, the allow-list.

import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { cert, key } from '../../test/support/self-signed.ts';
import { Trial } from './testing/trial.ts';

const trials: Trial[] = [];
afterEach(async () => {
  await Promise.all(trials.splice(0).map((trial) => trial.end()));
});

async function started(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Trial> {
  const trial = await Trial.start(args, env);
  trials.push(trial);
  return trial;
}

/** Writes a file that only its owner can read. */
function secretFile(trial: Trial, name: string, text: string): string {
  const path = join(trial.runtime, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

describe('the token', () => {
  test('of another start is refused, in words, and the refusal is logged', async () => {
    const trial = await started();
    const other = { UNSTICK_SHELL_TOKEN: 'not the token of this start' };
    const { status, stderr } = await trial.run(['exec', 'true'], { env: other });
    expect(stderr).toMatch(/^shell: The server refused the token\. .+\n$/);
    expect(status).toBe(255);
    expect(trial.audit.findLast(({ event }) => event === 'refuse')).toMatchObject({
      reason: 'The client has another token.',
    });
  });

  test('that was given is not written anywhere, and clients must be given it, too', async () => {
    const token = 'a token that both were given';
    const trial = await started([], { UNSTICK_SHELL_TOKEN: token });
    expect(trial.state.token).toBeUndefined();
    const without = await trial.run(['exec', 'true']);
    expect(without.stderr).toContain('There is no token');
    expect(without.status).toBe(255);
    const file = secretFile(trial, 'token', `${token}\n`);
    const withFile = await trial.run(['--token-file', file, 'exec', 'echo', 'in']);
    expect(withFile.stdout.toString()).toBe('in\n');
    // The token in the server's environment is not in the environment of commands.
    const env = { UNSTICK_SHELL_TOKEN: token };
    expect((await trial.run(['exec', 'env'], { env })).stdout.toString()).not.toContain(token);
  });
});

describe('TLS', () => {
  test('carries everything, for a client that trusts the certificate', async () => {
    const files = await started();
    const certFile = secretFile(files, 'cert.pem', cert);
    const keyFile = secretFile(files, 'key.pem', key);
    const trial = await started(['--tls-cert', certFile, '--tls-key', keyFile]);
    const seq = ['exec', 'seq', '1', '200000'];
    const [ran, byName, untold, plain, toPlain] = await Promise.all([
      trial.run(['--tls-ca', certFile, ...seq]),
      trial.run(['--tls-ca', certFile, '--host', 'localhost', ...seq]),
      trial.run(seq),
      trial.run(['--port', String(trial.port), ...seq]),
      files.run(['--tls-ca', certFile, ...seq]),
    ]);
    const lines = Array.from({ length: 200_000 }, (_, i) => `${i + 1}\n`).join('');
    expect(ran.stderr).toBe('');
    expect(ran.stdout.toString() === lines).toBe(true);
    expect(byName.stdout.toString() === lines).toBe(true);
    expect(untold.stderr).toContain('--tls-ca');
    expect(plain.stderr).toContain('Does the server need --tls-ca?\n');
    for (const refused of [plain, toPlain]) {
      expect(refused.stderr).toMatch(/^shell: .+\n$/);
      expect(refused.status).toBe(255);
    }
  });
});

describe('what may be run', () => {
  test('is what the allow-list names, and no string for a shell', async () => {
    const files = await started();
    const list = secretFile(files, 'allow', 'echo ...\nuptime\n');
    const trial = await started(['--allow', list]);
    expect((await trial.run(['exec', 'echo', 'a', 'b'])).stdout.toString()).toBe('a b\n');
    const other = await trial.run(['exec', 'sh', '-c', 'echo a']);
    expect(other.stderr).toBe(
      'shell: sh: the allow-list of this server does not allow this command.\n',
    );
    expect(other.status).toBe(126);
    const string = await trial.run(['--shell', 'exec', 'echo a | cat']);
    expect(string.stderr).toBe('shell: This server was started without --allow-shell.\n');
    expect(string.status).toBe(126);
    expect(trial.audit.filter(({ event }) => event === 'deny')).toMatchObject([
      { argv: ['sh', '-c', 'echo a'], reason: 'E_FORBIDDEN' },
      { argv: ['echo a | cat'], reason: 'E_FORBIDDEN' },
    ]);
  });

  test('is not what a folder of the client’s says that it is', async () => {
    const files = await started();
    const script = secretFile(files, 'deploy.sh', '#!/bin/sh\necho of the client\n');
    chmodSync(script, 0o700);
    const relative = secretFile(files, 'relative', './deploy.sh\n');
    const refused = await files.run(['serve', '--allow', relative]);
    expect(refused.stderr).toContain('line 1: ./deploy.sh is relative; write the whole path');
    expect(refused.status).toBe(255);
    const list = secretFile(files, 'allow', `pwd\n${script}\n`);
    const trial = await started(['--allow', list, '--cwd', '/usr']);
    expect((await trial.run(['exec', 'pwd'])).stdout.toString()).toBe('/usr\n');
    expect((await trial.run(['exec', script])).stdout.toString()).toBe('of the client\n');
    const elsewhere = await trial.run(['--cwd', files.runtime, 'exec', 'pwd']);
    expect(elsewhere.stderr).toBe(
      'shell: This server has an allow-list, so a client may not choose the folder.\n',
    );
    expect(elsewhere.stdout).toHaveLength(0);
    expect(elsewhere.status).toBe(126);
  });
});
