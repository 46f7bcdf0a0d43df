// docs/formats.md, made of the table of formats. What a row cannot say, how phases and directions
// compose, stands here in words.

import { formats } from '../../src/codec/formats/formats.ts';
import type { LengthPrefixedOptions } from '../../src/codec/frame-layout.ts';
import type { FramePart } from '../../src/codec/sections.ts';
import { toHex } from './bytes.ts';

type FormatName = keyof typeof formats;

/** Protocols that are not one format from the first byte to the last, in both directions. */
const PHASES: Readonly<Partial<Record<FormatName, string>>> = {
  amqp091:
    'The client first sends 8 bytes without a frame, `AMQP 0 0 9 1`: write them to the socket, then `framed(socket, codec)`. A server that speaks another version answers with such 8 bytes and closes: read as a frame they are `ERR_FRAME_TOO_LARGE`.',
  bittorrent:
    'Both sides first send a handshake of 68 bytes, which is one frame of `{ prefix: "u8", trailer: 48, deliver: "parts" }`: the name as payload, then reserved bytes, hash and peer id. `receive()` it, `release()`, frame what follows.',
  chromeNativeMessaging:
    'The limits differ: `framed(stdio, { read: lengthPrefixed({ ...formats.chromeNativeMessaging, maxPayloadLength: 67_108_864 }), write: lengthPrefixed(formats.chromeNativeMessaging) })` in a host. On a big-endian machine the length is `u32be`.',
  dockerAttach:
    'An HTTP upgrade first, then frames from the container and bare bytes to it: `framed(socket, { read: lengthPrefixed(formats.dockerAttach), write: rawBytes() })` on the socket of the `upgrade` event. Node gives the bytes that came behind the 101 as `head` and puts them nowhere else: `socket.unshift(head)` first, or the first frames are lost.',
  grpc: 'The bytes are the DATA of one HTTP/2 stream, cut anywhere: `framed(http2stream, codec)`. Frames with the flag 1 are compressed as `grpc-encoding` says.',
  hadoopRpc:
    'The client first writes 7 bytes without a frame, `hrpc`, version, class, authentication; then both sides frame.',
  http2:
    'A client first writes the 24 bytes `PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n`. With the SETTINGS behind them they are one frame of `{ ...formats.http2, before: preface }`, in either direction; `release()`, then the plain format. `SETTINGS_MAX_FRAME_SIZE` of one side is the limit for what the other sends: `{ read, write }` with two limits.',
  minecraft:
    'After Set Compression a payload starts with a varint, the length of the data before compression; the frame stays as it is. After Encryption Request the whole stream is encrypted: `release()`, decrypt, frame again.',
  mysql:
    'With compression agreed in the login, a stream of these frames is cut anywhere and wrapped in frames of `{ prefix: "u24le", after: 4, deliver: "parts" }`. With TLS, `release()` after the SSLRequest, `tls.connect({ socket })`, and the same format on top. A payload of exactly 2^24-1 bytes goes on in the next frame: join them.',
  oncRpc:
    'A record is one fragment or several: join the payloads, behind the four bytes of the mark, until the top bit of a mark is set.',
  postgres:
    'The server uses it from its first byte, unless it was asked for TLS: the answer to SSLRequest or GSSENCRequest is one byte, `S` or `N`, without a frame: read it with `socket.read(1)`, then frame, over TLS after `S`. The client uses it from its second message on.',
  postgresStartup:
    'One codec for each direction, and another after the first message. A client: `framed(socket, { read: lengthPrefixed(formats.postgres), write: rawBytes() })` and `Buffer.concat(codec.encode(value))` with the codec of the phase; a server: `framed(socket, lengthPrefixed(formats.postgresStartup))`, one `receive()`, `release()`, and `framed` again with `formats.postgres`.',
  pythonMultiprocessing:
    'With an `authkey` the first three messages in each direction are challenge, answer and welcome, in the same frames.',
  rtpOverTcp:
    'RTSP interleaves with `$` and a channel in front: `{ before: 2, prefix: "u16be", deliver: "parts" }`, between HTTP-like messages.',
  sshBinaryPacket:
    'Lines of text first (`SSH-2.0-…`), then this, and after NEWKEYS the length itself is encrypted: `release()` there.',
  tds: 'Messages are series of these; the status bit 1 says that one is the last. TLS handshakes travel inside of payloads.',
  tlsRecord:
    'The same in both directions. What is in a record is cut anywhere, and encrypted after the handshake.',
};

const ORDER: readonly FramePart[] = ['before', 'prefix', 'after', 'payload', 'trailer'];

function fixed(bytes: Uint8Array): string {
  const [first] = bytes;
  const same = bytes.length > 4 && bytes.every((byte) => byte === first);
  return same ? `${toHex(bytes.subarray(0, 1))} × ${bytes.length}` : toHex(bytes);
}

function sectionText(given: LengthPrefixedOptions['trailer']): string | undefined {
  if (given instanceof Uint8Array) {
    return fixed(given);
  }
  return typeof given === 'number' ? `${given} B` : undefined;
}

function prefixText({ prefix = 'u32be' }: LengthPrefixedOptions): string {
  return typeof prefix === 'string' ? prefix : 'own field';
}

/** A frame in its parts, those that the number counts in bold. */
function layoutText(options: LengthPrefixedOptions): string {
  const counts = new Set<string>(options.counts ?? ['payload']);
  const parts = ORDER.flatMap((part) => {
    const text =
      part === 'prefix'
        ? prefixText(options)
        : part === 'payload'
          ? 'payload'
          : sectionText(options[part]);
    if (text === undefined) {
      return [];
    }
    return [counts.has(part) ? `**${text}**` : text];
  });
  return parts.join(' · ');
}

function valueText(options: LengthPrefixedOptions): string {
  if (options.deliver === 'frame') {
    return 'whole frame';
  }
  const own = (['before', 'after', 'trailer'] as const).filter(
    (part) => typeof options[part] === 'number',
  );
  return own.length === 0 ? 'payload' : `{ ${[...own, 'payload'].join(', ')} }`;
}

function limitText({ maxPayloadLength }: LengthPrefixedOptions): string {
  return maxPayloadLength === undefined
    ? 'what the length can count'
    : maxPayloadLength.toLocaleString('en-US');
}

function row([name, options]: readonly [string, LengthPrefixedOptions]): string {
  const { source = '', note = '' } = options;
  const cells = [
    `\`${name}\``,
    layoutText(options),
    `\`${valueText(options)}\``,
    limitText(options),
    source,
    note,
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

const HEAD = `# Formats

<!-- Made of src/codec/formats/formats.ts. Change that, then: UPDATE_DOCS=1 npx vitest run --project unit test/docs/formats.test.ts -->

Well-known length-prefixed protocols as options of \`lengthPrefixed\`. For a protocol that is not here, answer four questions: [recipes](recipes.md#from-a-specification-to-options).

\`\`\`ts
import { formats, lengthPrefixed } from 'unstick';

const postgres = lengthPrefixed(formats.postgres); // values are { before, payload }: before is the type byte
const kafka = lengthPrefixed({ ...formats.kafka, maxPayloadLength: 1_000_000 });

const decoder = postgres.decoder();
decoder.push(Buffer.from('5a0000000549', 'hex')); // ReadyForQuery
for (const { before, payload } of decoder) console.log(String(before), String(payload));
console.log(Buffer.concat(kafka.encode(Buffer.from('hi'))));
\`\`\`

\`\`\`text
Z I
<Buffer 00 00 00 02 68 69>
\`\`\`

`;

const LEGEND = `In a frame, **bold** marks the parts that the length counts. "B" marks bytes that your program reads and writes. Hexadecimal bytes are fixed: encode writes them, and decode demands them. "own field" is a length that is not a plain number. The value is what decode returns and encode takes. The limit is in bytes of payload. It is the protocol's own, or the default of its best-known implementation, or else the default of this package. \`{ ...formats.x, maxPayloadLength }\` sets another.

`;

const EXAMPLE = `
PostgreSQL, from the answer without a frame to typed messages:

\`\`\`ts
import { dial, formats, framed, lengthPrefixed, rawBytes } from 'unstick';

const startup = lengthPrefixed(formats.postgresStartup);

const asking = await dial({ read: rawBytes(), write: startup }, { port: 5432 });
await asking.send(Buffer.from('04d2162f', 'hex')); // SSLRequest
const answer = await asking.receive({ timeout: 5000 });
// One byte and nothing behind it: what came in the clear must not count as encrypted.
if (String(answer) !== 'N') throw new Error('S: go on with tls.connect({ socket: asking.release() })');

const starting = framed(asking.release(), { read: rawBytes(), write: startup });
await starting.send(Buffer.from('\\0\\x03\\0\\0user\\0me\\0\\0')); // StartupMessage 3.0

const conn = framed(starting.release(), lengthPrefixed(formats.postgres));
for await (const { before, payload } of conn) console.log(String(before), payload.length);
\`\`\`
`;

const TAIL = `
## Other codecs

| format | codec |
|---|---|
| netstrings, \`5:hello,\` | \`netstrings()\` |
| LSP, DAP: \`Content-Length: 5\` and an empty line | \`contentLength()\` |
| a fixed binary header with more in it than a length | [\`headerPrefixed()\`](recipes.md#a-binary-header-with-binary-parser) |
| length, JSON header, body | \`messages()\`, \`messageStream()\` |
| no frames | \`rawBytes()\` |
`;

/** The whole page. */
export function formatsPage(): string {
  const rows = Object.entries<LengthPrefixedOptions>(formats).map(row);
  const phases = Object.entries(PHASES).map(([name, words]) => `- \`${name}\`: ${words}`);
  return [
    HEAD,
    LEGEND,
    '| name | frame | value | limit | source | what to know |\n|---|---|---|---|---|---|\n',
    `${rows.join('\n')}\n`,
    '\n## Phases and directions\n\n',
    'These are not one format from the first byte to the last. `release()` ends a phase and gives the duplex back with its unread bytes; `framed(duplex, { read, write })` takes a codec for each direction.\n\n',
    `${phases.join('\n')}\n`,
    EXAMPLE,
    TAIL,
  ].join('');
}
