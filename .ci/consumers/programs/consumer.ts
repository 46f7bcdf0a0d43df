// A program of a user: `.ci/consumers/run` compiles it against the packed package with several compilers,
// and runs it on several runtimes. It must end by itself and print the last line.

import { chop, proveServer } from 'unstick/testing';
import { lengthPrefixed as pure } from 'unstick/codec';
import { connect, listen } from 'unstick/peer';
import { decodeStream } from 'unstick/web';
import { dial, dialMessages, formats, lengthPrefixed, serve, serveMessages } from 'unstick';

const frames = serve(lengthPrefixed(), async (connection) => {
  for await (const frame of connection) {
    await connection.send(Buffer.from([frame.readUInt8(0) + 1]));
  }
});
const bodies = serveMessages(async (stream) => {
  for await (const message of stream) {
    await stream.send({ header: message.header, body: await message.text() });
  }
});
const peers = listen((peer) =>
  peer.handle('upper', (params) => (typeof params === 'string' ? params.toUpperCase() : '')),
);
await Promise.all([frames.ready, bodies.ready, peers.ready]);

const connection = await dial(lengthPrefixed(), { port: frames.port });
await connection.send(new Uint8Array([1]));
const answer = await connection.receive();
await connection.close();

const stream = await dialMessages({ port: bodies.port });
await stream.send({ header: { n: 1 }, body: 'a body' });
const message = await stream.receive();
const text = await message?.text();
await stream.close();

const peer = await connect({ port: peers.port });
const { result } = await peer.request('upper', 'sticky');
await peer.close();
await Promise.all([frames.close(), bodies.close(), peers.close()]);

const decoder = pure(formats.postgres).decoder();
const web = decodeStream(pure());
const all = [answer?.readUInt8(0), text, result, decoder.take(), typeof web.readable];
const expected = JSON.stringify([2, 'a body', 'STICKY', undefined, 'object']);
if (JSON.stringify(all) !== expected || typeof chop !== typeof proveServer) {
  throw new Error(`${JSON.stringify(all)} and not ${expected}`);
}
console.log('all is well');
