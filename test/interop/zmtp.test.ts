// libzmq: the greeting, the READY command, and messages of several parts, with the codec of docs/kit.md.

import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { hex, utf8 } from '../support/bytes.ts';
import { zmtp } from '../support/kit/zmtp.ts';
import type { ZmtpFrame, ZmtpGreeting } from '../support/kit/zmtp.ts';
import { Exchange } from './support/exchange.ts';
import { foreignServer } from './support/foreign-process.ts';
import { programFile } from './support/python.ts';
import { framesUnderCuts } from './support/row-stream.ts';

const PYTHON = '/usr/bin/python3';

function hasZmq(): boolean {
  try {
    execFileSync(PYTHON, ['-c', 'import zmq'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const MORE = 1;
const COMMAND = 4;
/** Version 3.0, the mechanism NULL. */
const GREETING = hex('ff + 00*8 + 7f 0300 4e554c4c + 00*16 + 00 + 00*31');
const READY = Buffer.concat([utf8('\u0005READY\u000bSocket-Type'), hex('00000004'), utf8('PAIR')]);

const isFrame = (value: ZmtpGreeting | ZmtpFrame): value is ZmtpFrame => 'flags' in value;

describe.skipIf(!hasZmq())('libzmq (needs python3-zmq)', () => {
  const server = foreignServer(({ port }) => ({
    file: PYTHON,
    args: [programFile('zmq_echo'), `${port}`],
  }));

  test('gives back messages of one part and of several', async () => {
    const talk = await Exchange.open<ZmtpGreeting | ZmtpFrame>(server.port, zmtp);
    talk.send({ greeting: GREETING });
    expect(await talk.next()).toHaveProperty('greeting');
    talk.send({ flags: COMMAND, payload: READY });
    const ready = await talk.next();
    expect(isFrame(ready) && Buffer.from(ready.payload).toString('latin1', 0, 6)).toBe(
      '\u0005READY',
    );
    const parts = [0, 1, 255, 256, 70_000].map((length) => new Uint8Array(length).fill(0x7a));
    const frames = [
      ...parts.map((payload) => ({ flags: 0, payload })),
      ...parts.map((payload, i) => ({ flags: i < parts.length - 1 ? MORE : 0, payload })),
    ];
    talk.send(...frames);
    for (const { flags, payload } of frames) {
      const value = await talk.next();
      expect(isFrame(value) && value.flags).toBe(flags);
      expect(isFrame(value) && Buffer.compare(value.payload, payload)).toBe(0);
    }
    expect(framesUnderCuts(zmtp, talk.close())).toHaveLength(2 + frames.length);
  });
});
