// DataOutputStream and DataInputStream: writeInt in front of bytes, and writeUTF.

import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { lengthPrefixed } from '../../src/entries/main.ts';

import { echoed, firstDifference, framesUpTo } from './support/echoing.ts';
import { foreignServer } from './support/foreign-process.ts';
import { findProgram } from './support/software.ts';
import { freePort } from '../support/free-port.ts';

const java = findProgram('java');
/** The compiler: without it `java Program.java` does not run. */
const javac = findProgram('javac');
const program = fileURLToPath(new URL('programs/DataStreams.java', import.meta.url));

describe.skipIf(javac === undefined)('Java data streams (needs default-jdk-headless)', () => {
  let portOfText = 0;
  const server = foreignServer(async ({ port }) => {
    portOfText = await freePort();
    return { file: java ?? '', args: ['-Xshare:auto', program, `${port}`, `${portOfText}`] };
  });

  test('send back every frame behind an int', async () => {
    const sent = framesUpTo(2_000_000);
    const codec = lengthPrefixed({ prefix: 'i32be' });
    const back = await echoed(connect(server.port, '127.0.0.1'), codec, sent);
    expect(firstDifference(sent, back)).toBe(-1);
  });

  test('send back every text of writeUTF', async () => {
    const sent = ['', 'a', '\u7c98\u5305', 'x'.repeat(65_535)].map((words) => Buffer.from(words));
    const codec = lengthPrefixed({ prefix: 'u16be' });
    const back = await echoed(connect(portOfText, '127.0.0.1'), codec, sent);
    expect(firstDifference(sent, back)).toBe(-1);
  });
});
