// MLLP against the hl7 package of Python: its client sends to a server of ours, and its server acknowledges
// what we send.

import { execFile, execFileSync } from 'node:child_process';
import { writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { framing } from '../../src/entries/formats.ts';
import { serve } from '../../src/entries/main.ts';
import { utf8 } from '../support/bytes.ts';
import { Exchange } from './support/exchange.ts';
import { foreignServer } from './support/foreign-process.ts';
import { programFile } from './support/python.ts';
import { framesOfRow } from './support/row-stream.ts';
import { findProgram } from './support/software.ts';

const mllp = framing('hl7Mllp');
const sender = findProgram('mllp_send');
const timeout = 60_000;

/** The Python whose packages Debian installs, if it has this one. */
function pythonWithHl7(): string | undefined {
  try {
    execFileSync('/usr/bin/python3', ['-c', 'import hl7.mllp'], { stdio: 'ignore' });
    return '/usr/bin/python3';
  } catch {
    return undefined;
  }
}

const python = pythonWithHl7();

/** A message whose text is long and not ASCII. */
const message = (id: number, length = 0): string =>
  [
    `MSH|^~\\&|LAB|1|EHR|2|20260327123500||ORU^R01|${id}|P|2.5`,
    `PID|1||${id}^^^||M\u00fcller^J\u00f6rg`,
    `OBX|1|TX|note||${'x'.repeat(length)}`,
    '',
  ].join('\r');

const acknowledges = (id: number): RegExp => new RegExp(`\\rMSA\\|AA\\|${id}\\b`);

describe.skipIf(python === undefined)('the server of hl7 (needs python3-hl7)', () => {
  const server = foreignServer(({ port }) => ({
    file: python ?? '',
    args: [programFile('mllp_server'), `${port}`],
  }));

  test('acknowledges messages that we send together', async () => {
    const talk = await Exchange.open<Uint8Array>(server.port, mllp);
    const lengths = [0, 1, 5000, 60_000];
    talk.send(...lengths.map((length, id) => utf8(message(id, length))));
    for (const id of lengths.keys()) {
      expect(Buffer.from(await talk.next()).toString()).toMatch(acknowledges(id));
    }
    expect(framesOfRow('hl7Mllp', talk.close())).toHaveLength(lengths.length);
  });
});

describe.skipIf(sender === undefined)('mllp_send (needs python3-hl7)', () => {
  test('sends messages to us, and prints what we answer', async () => {
    const seen: string[] = [];
    const server = serve(mllp, async (connection) => {
      for await (const received of connection) {
        seen.push(Buffer.from(received).toString());
        const id = seen.length - 1;
        await connection.send(utf8(`MSH|^~\\&|EHR|2|LAB|1|2026||ACK|${id}|P|2.5\rMSA|AA|${id}\r`));
      }
    });
    onTestFinished(() => server.close({ within: 0 }));
    await server.ready;
    const folder = await mkdtemp(join(tmpdir(), 'unstick-mllp-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, 'messages');
    const sent = [message(0), message(1, 20_000)];
    // The program reads messages as they are framed.
    await writeFile(file, sent.map((each) => `\u000b${each}\u001c\r`).join(''));
    const args = ['--file', file, '-p', `${server.port}`, '127.0.0.1'];
    const { stdout } = await promisify(execFile)(sender ?? '', args, { timeout });
    // It takes the CR at the end of a message for none of its own.
    expect(seen.map((each) => each.trimEnd())).toEqual(sent.map((each) => each.trimEnd()));
    expect(stdout).toMatch(/MSA\|AA\|0\r[^]*MSA\|AA\|1\r/);
  });
});
