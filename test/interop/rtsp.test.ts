// An RTSP server of GStreamer: requests and answers in text, and behind PLAY the frames of the picture
// between them on the same connection. It starts with the codec of docs/kit.md.

import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { rtsp } from '../support/kit/rtsp.ts';
import type { RtspMedia, RtspMessage } from '../support/kit/rtsp.ts';
import { Exchange } from './support/exchange.ts';
import { foreignServer } from './support/foreign-process.ts';
import { programFile } from './support/python.ts';
import { framesUnderCuts } from './support/row-stream.ts';

const PYTHON = '/usr/bin/python3';

function hasServer(): boolean {
  const imports =
    'import gi; gi.require_version("GstRtspServer", "1.0"); from gi.repository import GstRtspServer';
  try {
    execFileSync(PYTHON, ['-c', imports], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

type Rtsp = RtspMessage | RtspMedia;
const isMessage = (value: Rtsp): value is RtspMessage => 'start' in value;

describe.skipIf(!hasServer())('an RTSP server (needs gir1.2-gst-rtsp-server-1.0)', () => {
  const server = foreignServer(({ port }) => ({
    file: PYTHON,
    args: [programFile('rtsp_server'), `${port}`],
  }));

  test('describes, sets up and plays a stream between its answers', async () => {
    const talk = await Exchange.open<Rtsp>(server.port, rtsp);
    const url = `rtsp://127.0.0.1:${server.port}/test`;
    let number = 0;
    const ask = async (
      method: string,
      path: string,
      ...headers: readonly string[]
    ): Promise<RtspMessage> => {
      const start = `${method} ${url}${path} RTSP/1.0`;
      talk.send({ start, headers: [`CSeq: ${++number}`, ...headers], body: new Uint8Array() });
      const answer = (await talk.until(isMessage)).find(isMessage);
      expect(answer).toMatchObject({ start: 'RTSP/1.0 200 OK' });
      expect(answer?.headers).toContain(`CSeq: ${number}`);
      return answer ?? { start: '', headers: [], body: new Uint8Array() };
    };
    const { body } = await ask('DESCRIBE', '', 'Accept: application/sdp');
    expect(Buffer.from(body).toString()).toMatch(/^v=0\r\n[^]*m=video 0 RTP\/AVP 26\r\n/);
    const interleaved = 'Transport: RTP/AVP/TCP;unicast;interleaved=0-1';
    const { headers } = await ask('SETUP', '/stream=0', interleaved);
    const session = headers.find((line) => line.startsWith('Session: '))?.split(';')[0] ?? '';
    await ask('PLAY', '', session);
    let pictures = 0;
    await talk.until((value) => {
      // The marker bit of RTP is set in the last packet of a picture.
      pictures +=
        !isMessage(value) && value.channel === 0 && ((value.payload[1] ?? 0) & 0x80) !== 0 ? 1 : 0;
      return pictures === 5;
    });
    await ask('TEARDOWN', '', session);
    expect(framesUnderCuts(rtsp, talk.close()).length).toBeGreaterThan(10);
  });
});
