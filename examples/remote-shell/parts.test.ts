// The parts of the remote shell that need no connection.

import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isLoopback, resolveHost } from './both/address.ts';
import { parseAllowList } from './server/allow-list.ts';
import { openAudit } from './server/audit.ts';
import { commandEnvironment } from './server/environment.ts';
import { defaultPolicy, toLaunch } from './server/policy.ts';
import { openStateFolder, readOwnFile, readState, removeState } from './both/state-file.ts';
import { stateFolder, writeState } from './both/state-file.ts';
import { givenToken, randomToken } from './both/token.ts';
import { splitWords } from '../support/words.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unstick-shell-parts-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A word in single quotes, as a shell reads it. */
function quote(word: string): string {
  return `'${word.replaceAll("'", `'"'"'`)}'`;
}

describe('splitWords', () => {
  test('splits at spaces, and keeps what is quoted or behind a backslash', () => {
    const { words, open } = splitWords(String.raw`echo "a  b" 'c "d"' e\ f "" "g\"h"`);
    expect(words).toEqual(['echo', 'a  b', 'c "d"', 'e f', '', 'g"h']);
    expect(open).toBe(false);
  });

  test('says that a quote was not closed', () => {
    expect(splitWords("echo 'a").open).toBe(true);
  });

  test('gives back any words that were quoted, whatever is in them', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (words) => {
        expect(splitWords(words.map(quote).join(' ')).words).toEqual(words);
      }),
    );
  });
});

describe('an allow-list', () => {
  const allows = parseAllowList(
    ['# commands', 'uptime', 'seq ...', 'systemctl status *  # one unit', "printf 'a b'"].join(
      '\n',
    ),
  );

  test('runs what it names, word for word', () => {
    expect(allows(['uptime'])).toBe(true);
    expect(allows(['seq', '1', '10'])).toBe(true);
    expect(allows(['systemctl', 'status', 'cron'])).toBe(true);
    expect(allows(['printf', 'a b'])).toBe(true);
  });

  test('runs nothing else: not more arguments, not another path of the same name', () => {
    expect(allows(['uptime', '-p'])).toBe(false);
    expect(allows(['/tmp/seq', '1'])).toBe(false);
    expect(allows(['systemctl', 'status', 'cron', '--all'])).toBe(false);
    expect(allows(['systemctl', 'status', '--host=evil'])).toBe(false);
    expect(allows(['systemctl', 'status', '-H'])).toBe(false);
    expect(allows(['systemctl', 'stop', 'cron'])).toBe(false);
    expect(allows([])).toBe(false);
  });

  test('must name the program, and close its quotes', () => {
    expect(() => parseAllowList('uptime\n* --help')).toThrow('line 2');
    expect(() => parseAllowList("echo 'a")).toThrow('line 1: a quote is not closed');
  });

  test('names programs by a name or a whole path, for a folder must not change what they are', () => {
    for (const line of ['./deploy.sh', 'bin/deploy ...', '../deploy', "'./a b'"]) {
      expect(() => parseAllowList(`uptime\n${line}`)).toThrow(
        /line 2: .+ is relative; write the whole path/,
      );
    }
    expect(parseAllowList('/srv/deploy.sh')(['/srv/deploy.sh'])).toBe(true);
  });

  test('leaves the client no choice of the folder, and a server without one does', () => {
    const policy = { ...defaultPolicy, cwd: '/srv/app' };
    const strict = { ...policy, allowList: parseAllowList('make build') };
    const order = { id: 1, argv: ['make', 'build'] };
    expect(toLaunch(order, strict, {}).cwd).toBe('/srv/app');
    for (const cwd of ['/tmp', 'sub', '.', '']) {
      expect(() => toLaunch({ ...order, cwd }, strict, {})).toThrow('may not choose the folder');
    }
    expect(toLaunch({ ...order, cwd: 'sub' }, policy, {}).cwd).toBe('/srv/app/sub');
  });
});

describe('the environment of a command', () => {
  const own = {
    PATH: '/usr/bin:.::/bin',
    HOME: '/home/a',
    SECRET: 's',
    LD_PRELOAD: '/x',
    LANG: 'C',
  };

  test('has none of the server’s secrets, and a PATH of absolute folders', () => {
    expect(commandEnvironment(own, {})).toEqual({
      PATH: '/usr/bin:/bin',
      HOME: '/home/a',
      LANG: 'C',
    });
    expect(commandEnvironment({}, {})['PATH']).toMatch(/^\/.*\/bin$/);
  });

  test('takes from the client what cannot change which program runs, and what the server accepts', () => {
    const asked = { TERM: 'xterm', LC_ALL: 'C', PATH: '/evil', LD_PRELOAD: '/evil', FOO: '1' };
    expect(commandEnvironment({}, asked)).toMatchObject({ TERM: 'xterm', LC_ALL: 'C' });
    expect(commandEnvironment({}, asked)).not.toMatchObject({ FOO: '1' });
    expect(commandEnvironment({}, asked)['LD_PRELOAD']).toBeUndefined();
    expect(commandEnvironment({}, asked)['PATH']).not.toBe('/evil');
    expect(commandEnvironment({}, asked, { accept: ['FOO'] })['FOO']).toBe('1');
    expect(commandEnvironment(own, {}, { pass: ['SECRET'] })['SECRET']).toBe('s');
  });

  test.each([
    ['TZ', '/tmp/fifo', false],
    ['TZ', ':/etc/localtime', false],
    ['TZ', '../../../tmp/fifo', false],
    ['TZ', ':Europe/../../../tmp/fifo', false],
    ['TZ', 'Europe/..', false],
    ['TZ', 'Europe/Berlin', true],
    ['TZ', ':Europe/Berlin', true],
    ['TZ', 'CET-1CEST,M3.5.0/2,M10.5.0/3', true],
    ['LANG', '/tmp/evil', false],
    ['LC_MESSAGES', '../evil', false],
    ['LANGUAGE', 'de:x/y', false],
    ['LANGUAGE', 'de:en', true],
    ['TERM', 'x/../../evil', false],
    ['LC_ALL', 'de_DE.UTF-8@euro', true],
  ])('%s=%s of a client is no path of a file: %j', (name, value, isTaken) => {
    expect(commandEnvironment({}, { [name]: value })[name]).toBe(isTaken ? value : undefined);
    // The owner of the server may let clients set any variable.
    expect(commandEnvironment({}, { [name]: value }, { accept: [name] })[name]).toBe(value);
  });
});

describe('the audit log', () => {
  test('is one JSON object a line, readable by its owner alone, and no word can forge a line', async () => {
    const path = join(folder, 'audit.jsonl');
    const log = openAudit(path, { now: () => new Date(0) });
    const argv = ['echo', 'a\n{"event":"exit"}', '\u009b31m\u2028\u202e'];
    expect(await log.record('exec', { argv })).toBe(true);
    expect(await log.record('exit', { code: 0, signal: null })).toBe(true);
    await log.close();
    expect(await log.record('exit', { code: 0 })).toBe(false);
    const text = readFileSync(path, 'utf8');
    expect(text).toMatch(/^[\x20-\x7e\n]+$/);
    const lines = text.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { time: '1970-01-01T00:00:00.000Z', event: 'exec', argv },
      { time: '1970-01-01T00:00:00.000Z', event: 'exit', code: 0, signal: null },
    ]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('cuts words and lists that are long', async () => {
    const path = join(folder, 'audit.jsonl');
    const log = openAudit(path);
    const argv = ['x'.repeat(100_000), ...Array.from({ length: 1000 }, () => 'y')];
    await log.record('exec', { argv });
    await log.close();
    expect(statSync(path).size).toBeLessThan(2000);
    expect(readFileSync(path, 'utf8')).toContain('98976 more characters');
  });

  test('takes at most twice its maximum length, and keeps the newest lines in their order', async () => {
    const path = join(folder, 'audit.jsonl');
    const log = openAudit(path, { maxLength: 1000 });
    await Promise.all(Array.from({ length: 200 }, (_, id) => log.record('exit', { id })));
    await log.close();
    const [old, current] = [`${path}.1`, path].map((file) => readFileSync(file, 'utf8'));
    expect(Math.max(old?.length ?? 0, current?.length ?? 0)).toBeLessThanOrEqual(1000);
    const ids = `${old}${current}`
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { id: number }).id);
    expect(ids).toEqual(Array.from({ length: ids.length }, (_, at) => 200 - ids.length + at));
    expect(ids.length).toBeGreaterThan(10);
  });

  test('keeps few lines in memory, and counts those that it drops', async () => {
    const path = join(folder, 'audit.jsonl');
    const log = openAudit(path);
    const reason = 'x'.repeat(1000);
    const written = await Promise.all(
      Array.from({ length: 5000 }, () => log.record('refuse', { reason })),
    );
    const dropped = written.filter((one) => !one).length;
    expect(dropped).toBeGreaterThan(3000);
    await log.record('exec', { argv: ['later'] });
    await log.close();
    expect(readFileSync(path, 'utf8')).toContain(`"event":"dropped","lines":${dropped}`);
  });
});

describe('the state file', () => {
  const state = {
    host: '127.0.0.1',
    port: 7022,
    tls: false,
    pid: process.pid,
    token: 'a'.repeat(20),
  };

  test('is in the runtime folder of the user, or in a folder of the user’s own in the temporary one', () => {
    expect(stateFolder({ XDG_RUNTIME_DIR: '/run/user/7' })).toBe('/run/user/7/unstick-shell');
    expect(stateFolder({})).toBe(join(tmpdir(), `unstick-shell-${process.getuid?.()}`));
  });

  test('is read back, and readable by its owner alone, as its folder', () => {
    const own = openStateFolder(join(folder, 'own'));
    const file = writeState(own, state);
    expect(readState(own)).toEqual(state);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(own).mode & 0o777).toBe(0o700);
    removeState(own, 1);
    expect(existsSync(file)).toBe(true);
    // The file of a killed server is not read, and the next server to start removes it.
    const killed = writeState(own, { ...state, pid: 2 ** 30, port: 1 });
    expect(readState(own)).toEqual(state);
    writeState(own, state);
    expect(existsSync(killed)).toBe(false);
    removeState(own);
    expect(existsSync(file)).toBe(false);
    expect(readState(own)).toBeUndefined();
  });

  test('is not trusted in a folder, or as a file, that others can reach', () => {
    const open = join(folder, 'open');
    mkdirSync(open);
    chmodSync(open, 0o755);
    expect(() => openStateFolder(open)).toThrow('open to other users');
    writeState(open, state);
    expect(() => readState(open)).toThrow('open to other users');
    const own = openStateFolder(join(folder, 'own'));
    chmodSync(writeState(own, state), 0o644);
    expect(() => readState(own)).toThrow('open to other users');
  });

  test('is not trusted behind a symbolic link', () => {
    const own = openStateFolder(join(folder, 'own'));
    symlinkSync(own, join(folder, 'link'));
    expect(() => openStateFolder(join(folder, 'link'))).toThrow('or is a symbolic link');
    symlinkSync(writeState(own, state), join(folder, 'server.json'));
    expect(() => readState(join(folder, 'link'))).toThrow('or is a symbolic link');
    expect(() => readOwnFile(join(folder, 'server.json'))).toThrow('symbolic link');
  });
});

describe('a token', () => {
  test('is random, or given by a file of the owner’s, or by the environment', () => {
    expect(randomToken()).not.toBe(randomToken());
    expect(randomToken()).toHaveLength(43);
    const file = join(folder, 'token');
    writeFileSync(file, `${'b'.repeat(20)}\n`, { mode: 0o600 });
    expect(givenToken(file, {})).toBe('b'.repeat(20));
    expect(givenToken(undefined, { UNSTICK_SHELL_TOKEN: 'c'.repeat(20) })).toBe('c'.repeat(20));
    expect(givenToken(undefined, {})).toBeUndefined();
  });

  test('is refused when it is short, or its file is missing or open to others', () => {
    expect(() => givenToken(undefined, { UNSTICK_SHELL_TOKEN: 'short' })).toThrow(
      'only 5 of 20 needed characters',
    );
    expect(() => givenToken(join(folder, 'none'), {})).toThrow('no such file');
    const file = join(folder, 'token');
    writeFileSync(file, 'b'.repeat(20));
    chmodSync(file, 0o640);
    expect(() => givenToken(file, {})).toThrow('open to other users');
  });
});

describe('an address', () => {
  test('is of this machine, or needs TLS', async () => {
    expect(['127.0.0.1', '127.9.9.9', '::1'].every(isLoopback)).toBe(true);
    expect(['0.0.0.0', '::', '10.0.0.1', '128.0.0.1', 'localhost'].some(isLoopback)).toBe(false);
    expect(await resolveHost('127.0.0.1', false)).toBe('127.0.0.1');
    await expect(resolveHost('0.0.0.0', false)).rejects.toThrow('--tls-cert');
    expect(await resolveHost('0.0.0.0', true)).toBe('0.0.0.0');
  });
});

describe('the READMEs', () => {
  test('hold the same code blocks, and the same links, in both languages', () => {
    const [english = '', chinese = ''] = ['README.md', 'README.zh-CN.md'].map((name) =>
      readFileSync(new URL(name, import.meta.url), 'utf8'),
    );
    const blocks = /^```[^]*?^```$/gm;
    expect(chinese.match(blocks)).toEqual(english.match(blocks));
    const links = /\]\((https:[^)]*)\)/g;
    expect(chinese.match(links)).toEqual(english.match(links));
  });
});
