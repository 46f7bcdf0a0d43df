// What needs nothing of Node: codecs, formats, web streams. Bundled, and run where there are no built-ins.

import { contentLength, lengthPrefixed, messages } from 'unstick/codec';
import { framing } from 'unstick/formats';
import { decodeStream, encodeStream } from 'unstick/web';

const bytes = new TextEncoder().encode('hello');
for (const codec of [lengthPrefixed(), contentLength(), framing('jtt808')]) {
  const decoder = codec.decoder();
  for (const piece of codec.encode(bytes))
    for (const byte of piece) decoder.push(Uint8Array.of(byte));
  decoder.end();
  const [value] = decoder;
  if (new TextDecoder().decode(value) !== 'hello' || !decoder.done) throw new Error(String(value));
}

const decoder = messages().decoder();
for (const piece of messages().encode({ header: { n: 1 }, body: 'text' })) decoder.push(piece);
if (decoder.take().header.n !== 1) throw new Error('the header differs');

const wire = encodeStream(lengthPrefixed());
const writer = wire.writable.getWriter();
const written = writer.write(bytes).then(() => writer.close());
const frames = [];
for await (const frame of wire.readable.pipeThrough(decodeStream(lengthPrefixed())))
  frames.push(frame.length);
await written;
if (String(frames) !== '5') throw new Error(`frames of ${frames}`);
console.log('all is well');
