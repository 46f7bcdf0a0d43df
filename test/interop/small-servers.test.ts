// Programs that answer after a few bytes: each row that names this file is read and written against one.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { framing } from '../../src/entries/formats.ts';
import { serve } from '../../src/entries/main.ts';
import { hex, utf8 } from '../support/bytes.ts';
import { Exchange } from './support/exchange.ts';
import { foreignServer } from './support/foreign-process.ts';
import { framesOfRow } from './support/row-stream.ts';
import { findProgram } from './support/software.ts';

const sftpServer = '/usr/lib/openssh/sftp-server';
const sshAgent = findProgram('ssh-agent');
const gearmand = findProgram('gearmand');
const diod = findProgram('diod');
const echoscu = findProgram('echoscu');
const timeout = 60_000;

const bytesOf = (...parts: readonly (string | Uint8Array)[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? hex(part) : part)));

describe.skipIf(!existsSync(sftpServer))('sftp-server (needs openssh-sftp-server)', () => {
  test('tells its version and a path', async () => {
    const child = spawn(sftpServer, { stdio: ['pipe', 'pipe', 'ignore'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    const duplex = Duplex.from({ readable: child.stdout, writable: child.stdin });
    duplex.on('error', () => {});
    const talk = Exchange.over<Uint8Array>(duplex, framing('sftp'));
    const [init, version, realPath, name] = ['01', '02', '10', '68'];
    talk.send(hex(`${init} 00000003`));
    expect(Buffer.from(await talk.next()).toString('hex')).toMatch(
      new RegExp(`^${version}00000003`),
    );
    talk.send(bytesOf(`${realPath} 00000007 00000001`, utf8('/')));
    const answer = Buffer.from(await talk.next());
    expect(answer.toString('hex')).toMatch(
      new RegExp(`^${name}00000007 00000001 000000012f`.replaceAll(' ', '')),
    );
    expect(framesOfRow('sftp', talk.close())).toHaveLength(2);
  });
});

describe.skipIf(sshAgent === undefined)('ssh-agent (needs openssh-client)', () => {
  test('lists its keys, which are none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'unstick-agent-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, 'socket');
    const child = spawn(sshAgent ?? '', ['-D', '-a', path], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    // It prints where it listens.
    await once(child.stdout, 'data');
    const talk = Exchange.over<Uint8Array>(connect(path), framing('sshAgent'));
    // What keys there are, and a request that no agent knows.
    talk.send(hex('0b'), hex('fe'));
    expect(await talk.next()).toEqual(Buffer.from(hex('0c 00000000')));
    expect(await talk.next()).toEqual(Buffer.from(hex('05')));
    expect(framesOfRow('sshAgent', talk.close())).toHaveLength(2);
  });
});

/** A packet of a client: the last letter of \0REQ, and its type. */
function packet(type: number, payload: Uint8Array): { before: Uint8Array; payload: Uint8Array } {
  return { before: Uint8Array.of(0x51, 0, 0, 0, type), payload };
}

describe.skipIf(gearmand === undefined)('gearmand (needs gearman-job-server)', () => {
  const server = foreignServer(({ port }) => ({
    file: gearmand ?? '',
    args: [`--port=${port}`, '--listen=127.0.0.1', '--log-file=stderr'],
  }));

  test('echoes, and takes a job in the background', async () => {
    const talk = await Exchange.open(server.port, framing('gearman'));
    const [submitBackground, created, echo, echoed] = [18, 8, 16, 17];
    const long = new Uint8Array(100_000).fill(0x7a);
    talk.send(packet(echo, long), packet(submitBackground, utf8('reverse\0\0hello')));
    const first = await talk.next();
    expect([...first.before]).toEqual([0x53, 0, 0, 0, echoed]);
    expect(Buffer.compare(first.payload, long)).toBe(0);
    const second = await talk.next();
    expect([...second.before]).toEqual([0x53, 0, 0, 0, created]);
    expect(Buffer.from(second.payload).toString()).toMatch(/^H:/);
    expect(framesOfRow('gearman', talk.close())).toHaveLength(2);
  });
});

describe.skipIf(diod === undefined)('diod (needs diod)', () => {
  const server = foreignServer(({ port, folder }) => ({
    file: diod ?? '',
    args: ['-f', '-n', '-L', 'stderr', '-l', `127.0.0.1:${port}`, '-e', folder, '-c', '/dev/null'],
  }));

  test('agrees on a version, and answers each request by its tag', async () => {
    const talk = await Exchange.open<Uint8Array>(server.port, framing('nineP'));
    const version = utf8('9P2000.L');
    const [askVersion, sayVersion, clunk, error] = ['64', '65', '78', '07'];
    talk.send(bytesOf(`${askVersion} ffff 00200000 0800`, version));
    const answer = Buffer.from(await talk.next()).toString('hex');
    expect(answer).toMatch(
      new RegExp(`^${sayVersion}ffff.{8}0800${Buffer.from(version).toString('hex')}$`),
    );
    // A handle that was never opened.
    talk.send(hex(`${clunk} 0100 05000000`), hex(`${clunk} 0200 06000000`));
    const tags = [await talk.next(), await talk.next()].map((one) =>
      Buffer.from(one).toString('hex', 0, 3),
    );
    expect(tags.toSorted()).toEqual([`${error}0100`, `${error}0200`]);
    expect(framesOfRow('nineP', talk.close())).toHaveLength(3);
  });
});

describe.skipIf(echoscu === undefined)('echoscu (needs dcmtk)', () => {
  test('asks for an association, and reads that we reject it', async () => {
    const seen: string[] = [];
    const [request, rejection] = [1, 3];
    const server = serve(framing('dicom'), async (connection) => {
      for await (const { before, payload } of connection) {
        seen.push(`${before[0]}: ${Buffer.from(payload).toString('latin1', 4, 20).trimEnd()}`);
        await connection.send({ before: Uint8Array.of(rejection, 0), payload: hex('00 01 01 07') });
      }
    });
    onTestFinished(() => server.close({ within: 0 }));
    await server.ready;
    const args = ['-aec', 'UNSTICK', '127.0.0.1', `${server.port}`];
    // The reason 7: it does not know whom it called.
    await expect(promisify(execFile)(echoscu ?? '', args, { timeout })).rejects.toMatchObject({
      stderr: expect.stringMatching(/Called AE Title Not Recognized/),
    });
    expect(seen).toEqual([`${request}: UNSTICK`]);
  });
});
