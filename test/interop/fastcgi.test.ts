// fcgiwrap, which runs a program for each request: records of FastCGI with the codec of docs/kit.md.

import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../support/bytes.ts';
import { fastCgi } from '../support/kit/fastcgi.ts';
import { Exchange } from './support/exchange.ts';
import { foreignServer } from './support/foreign-process.ts';
import { framesUnderCuts } from './support/row-stream.ts';
import { findProgram } from './support/software.ts';

const fcgiwrap = findProgram('fcgiwrap');

const [BEGIN, END, PARAMS, STDIN, STDOUT] = [1, 3, 4, 5, 6] as const;
const REQUEST = 1;
/** The role of a responder, and no flag: the server closes the connection after its answer. */
const RESPONDER = Uint8Array.of(0, 1, 0, 0, 0, 0, 0, 0);
/** The server passes on all input before it reads output, so both must fit into pipes. */
const INPUT_LENGTH = 20_001;
const NONE = new Uint8Array();

/** A name and a value, both short, behind their lengths. */
function parameter(name: string, value: string): Uint8Array {
  const [one, other] = [utf8(name), utf8(value)];
  return Buffer.concat([Uint8Array.of(one.length, other.length), one, other]);
}

describe.skipIf(fcgiwrap === undefined)('fcgiwrap (needs fcgiwrap)', () => {
  let script = '';
  const server = foreignServer(async ({ port, folder }) => {
    script = join(folder, 'script');
    await writeFile(script, "#!/bin/sh\nprintf 'Content-Type: text/plain\\r\\n\\r\\n'\nexec cat\n");
    await chmod(script, 0o755);
    return { file: fcgiwrap ?? '', args: ['-s', `tcp:127.0.0.1:${port}`] };
  });

  test.each([0, 5, 8, 50_000])('gives back a body of %i bytes', async (length) => {
    const talk = await Exchange.open(server.port, fastCgi);
    const body = new Uint8Array(length).fill(0x7a);
    const send = (type: number, content: Uint8Array): void =>
      talk.send({ type, requestId: REQUEST, content });
    const parameters = [
      parameter('REQUEST_METHOD', 'POST'),
      parameter('CONTENT_LENGTH', `${length}`),
      parameter('SCRIPT_FILENAME', script),
    ];
    send(BEGIN, RESPONDER);
    send(PARAMS, Buffer.concat(parameters));
    send(PARAMS, NONE);
    for (let at = 0; at < length; at += INPUT_LENGTH) {
      send(STDIN, body.subarray(at, at + INPUT_LENGTH));
    }
    send(STDIN, NONE);
    const records = await talk.until(({ type }) => type === END);
    const output = records.filter(({ type }) => type === STDOUT).map(({ content }) => content);
    const answer = Buffer.concat(output).toString();
    expect(answer).toBe(`Content-Type: text/plain\r\n\r\n${'z'.repeat(length)}`);
    expect(framesUnderCuts(fastCgi, talk.close())).toHaveLength(records.length);
  });
});
