// SIPp over TCP, as caller and as callee: its own default calls, with the codec of docs/kit.md on our side.

import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { serve } from '../../src/entries/main.ts';
import { utf8 } from '../support/bytes.ts';
import { sip } from '../support/kit/sip.ts';
import type { SipMessage } from '../support/kit/sip.ts';

import { until } from '../support/waiting.ts';
import { Exchange } from './support/exchange.ts';
import { accepts } from './support/foreign-process.ts';
import { framesUnderCuts } from './support/row-stream.ts';
import { findProgram } from './support/software.ts';
import { freePort } from '../support/free-port.ts';

const sipp = findProgram('sipp');
const timeout = 90_000;
const CALLS = 3;

const SDP = utf8(
  'v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 6000 RTP/AVP 0\r\n',
);
const none = new Uint8Array();

const header = ({ headers }: SipMessage, name: string): string =>
  headers.find((line) => line.startsWith(`${name}:`)) ?? '';

/** An answer has the headers that say which request and which call it belongs to. */
function answerTo(request: SipMessage, status: string, body: Uint8Array = none): SipMessage {
  const kept = ['Via', 'From', 'Call-ID', 'CSeq'].map((name) => header(request, name));
  const type = body.length > 0 ? ['Content-Type: application/sdp'] : [];
  const own = [`${header(request, 'To')};tag=7`, 'Contact: <sip:unstick@127.0.0.1;transport=tcp>'];
  return { start: `SIP/2.0 ${status}`, headers: [...kept, ...own, ...type], body };
}

/** A folder where the program may write what it likes. */
async function folderOf(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'unstick-sipp-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const OPTIONS = ['-i', '127.0.0.1', '-t', 't1', '-m', `${CALLS}`, '-nostdin', '-timeout', '60s'];

/** Whether a message is the final answer to a request of a call. */
const isFinal =
  (id: number, method: string) =>
  (one: SipMessage | 'keep-alive'): boolean =>
    one !== 'keep-alive' &&
    one.start === 'SIP/2.0 200 OK' &&
    header(one, 'Call-ID').includes(`${id}@`) &&
    header(one, 'CSeq').endsWith(method);

describe.skipIf(sipp === undefined)('SIPp (needs sip-tester)', () => {
  test('calls a server of ours', async () => {
    const seen: string[] = [];
    const offers: string[] = [];
    const server = serve(sip, async (connection) => {
      for await (const message of connection) {
        if (message === 'keep-alive') {
          continue;
        }
        const [method = ''] = message.start.split(' ');
        seen.push(method);
        if (method === 'INVITE') {
          offers.push(Buffer.from(message.body).toString());
          await connection.send(answerTo(message, '180 Ringing'));
          await connection.send(answerTo(message, '200 OK', SDP));
        } else if (method === 'BYE') {
          await connection.send(answerTo(message, '200 OK'));
        }
      }
    });
    onTestFinished(() => server.close({ within: 0 }));
    await server.ready;
    const args = [
      '-sn',
      'uac',
      ...OPTIONS,
      '-p',
      `${await freePort()}`,
      `127.0.0.1:${server.port}`,
    ];
    // It ends with 0 when every call went as its scenario says.
    await promisify(execFile)(sipp ?? '', args, { timeout, cwd: await folderOf() });
    const expected = ['INVITE', 'ACK', 'BYE'].flatMap((method) =>
      Array<string>(CALLS).fill(method),
    );
    expect(offers.filter((offer) => offer.startsWith('v=0\r\n'))).toHaveLength(CALLS);
    expect(seen.toSorted()).toEqual(expected.toSorted());
  });

  test('is called by us', async () => {
    const port = await freePort();
    const args = ['-sn', 'uas', ...OPTIONS, '-p', `${port}`];
    const child = spawn(sipp ?? '', args, { cwd: await folderOf(), stdio: 'ignore' });
    onTestFinished(() => void child.kill('SIGKILL'));
    let isUp = false;
    await until(() => {
      void accepts(port).then((yes) => (isUp ||= yes));
      return isUp;
    }, 'SIPp accepts');
    const talk = await Exchange.open(port, sip);
    const call = (method: string, id: number, sequence: number, body: Uint8Array = none): void => {
      const start = `${method} sip:service@127.0.0.1:${port} SIP/2.0`;
      const type = body.length > 0 ? ['Content-Type: application/sdp'] : [];
      const headers = [
        `Via: SIP/2.0/TCP 127.0.0.1:5099;branch=z9hG4bK-${id}-${sequence}-${method}`,
        `From: <sip:unstick@127.0.0.1>;tag=${id}`,
        'To: <sip:service@127.0.0.1>',
        `Call-ID: ${id}@unstick`,
        `CSeq: ${sequence} ${method}`,
        'Contact: <sip:unstick@127.0.0.1:5099;transport=tcp>',
        'Max-Forwards: 70',
      ];
      talk.send({ start, headers: [...headers, ...type], body });
    };
    for (let id = 1; id <= CALLS; id++) {
      call('INVITE', id, 1, SDP);
      const answers = await talk.until(isFinal(id, 'INVITE'));
      const last = answers.at(-1);
      expect(last === 'keep-alive' ? '' : Buffer.from(last?.body ?? none).toString()).toMatch(
        /^v=0\r\n/,
      );
      call('ACK', id, 1);
      call('BYE', id, 2);
      await talk.until(isFinal(id, 'BYE'));
    }
    expect(framesUnderCuts(sip, talk.close()).length).toBeGreaterThanOrEqual(2 * CALLS);
  });
});
