// Runs in the browser: loads the built modules as they are, uses them, and tells the server what it saw.
// The page forbids eval, so a module that needs it fails here.

const seen = { errors: [] };
addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
  seen.errors.push(`${violatedDirective} ${blockedURI}`);
});

function evalIsForbidden() {
  try {
    return Function('return 1')() !== 1;
  } catch (error) {
    return error instanceof EvalError;
  }
}

const text = (bytes) => new TextDecoder().decode(bytes);

function roundTrip(codec, values) {
  const decoder = codec.decoder();
  for (const value of values) {
    for (const piece of codec.encode(value)) {
      for (const byte of piece) decoder.push(Uint8Array.of(byte));
    }
  }
  decoder.end();
  return Array.from(decoder, (value) => text(value.payload ?? value));
}

async function run() {
  const codec = await import('/dist/entries/codec.js');
  const web = await import('/dist/entries/web.js');
  const { framing } = await import('/dist/entries/formats.js');
  const { formats, lengthPrefixed } = codec;
  const words = ['hello', '', '\u7c98\u5305'];
  const bytes = words.map((word) => new TextEncoder().encode(word));
  const before = Uint8Array.of(1);
  seen.roundTrips = {
    plain: roundTrip(lengthPrefixed(), bytes),
    varint: roundTrip(lengthPrefixed({ prefix: 'varint' }), bytes),
    postgres: roundTrip(
      lengthPrefixed(formats.postgres),
      bytes.map((payload) => ({ before, payload })),
    ),
    netstrings: roundTrip(codec.netstrings(), bytes),
    contentLength: roundTrip(codec.contentLength(), bytes),
  };
  const header = { parse: (header) => header[0] };
  const write = (_, length) => Uint8Array.of(length);
  const headered = codec.headerPrefixed({
    header,
    headerLength: 1,
    payloadLength: (length) => length,
    write,
    maxPayloadLength: 255,
  });
  seen.roundTrips.headerPrefixed = roundTrip(
    headered,
    bytes.map((payload) => ({ header: 0, payload })),
  );
  seen.formats = Object.keys(formats).filter(
    (name) => framing(name).decoder().done === false,
  ).length;
  try {
    const decoder = lengthPrefixed().decoder();
    decoder.push(new TextEncoder().encode('HTTP/1.1 200 OK'));
    decoder.take();
  } catch (error) {
    seen.error = { code: error.code, isOurs: error instanceof codec.ProtocolError };
  }
  const { body } = await fetch('/frames');
  seen.fetched = 0;
  seen.differences = 0;
  for await (const frame of body.pipeThrough(web.decodeStream(lengthPrefixed()))) {
    const expected = String(seen.fetched++).repeat(seen.fetched);
    if (text(frame) !== expected) seen.differences++;
  }
  seen.evalIsForbidden = evalIsForbidden();
  seen.node = [typeof process, typeof Buffer, typeof require].join(' ');
}

run()
  .catch((error) => seen.errors.push(String(error?.stack ?? error)))
  .finally(() => fetch('/seen', { method: 'POST', body: JSON.stringify(seen) }));
