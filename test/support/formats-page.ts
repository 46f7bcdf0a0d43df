// Makes docs/formats.md from the table of formats. A row cannot say how the phases and directions of a
// protocol go together, so this file has words for it.

import { FORMATS_OPTIONS } from '../../src/cli/formats.ts';
import { optionLines } from '../../src/cli/option-table.ts';
import { FAMILIES, ROWS } from '../../src/codec/formats/formats.ts';
import type { Families } from '../../src/codec/formats/formats.ts';
import type {
  ChecksumDescription,
  Format,
  Known,
  LengthPrefixedFraming,
  PieceDescription,
  PrefixDescription,
  SectionDescription,
} from '../../src/codec/formats/framing-types.ts';
import type { FramePart } from '../../src/codec/sections.ts';
import type { FormatName } from '../../src/framing/codec-types.ts';
import { isFormatName } from '../../src/framing/framing.ts';

/** Protocols that change their format in mid-stream, or use another one in each direction. */
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

/** The title of each family on the page. */
const FAMILY_TITLES: Readonly<Record<keyof Families, string>> = {
  trackers: 'GPS trackers and fleets',
  meters: 'Meters',
  industrial: 'Industry and buildings',
  vehicles: 'Vehicles and drones',
  serial: 'Serial lines and receivers',
  finance: 'Payment and trading',
  databases: 'Databases',
  messaging: 'Messaging and coordination',
  rpc: 'Remote calls and middleware',
  network: 'Network and security',
  telecom: 'Telecom and media',
  health: 'Health',
  files: 'Files and storage',
  tools: 'Developer tools',
  peers: 'Peer to peer and games',
};

const MARKS: Readonly<Record<Known, string>> = {
  capture: 'capture',
  device: 'device',
  specification: 'spec only',
};

const ORDER: readonly FramePart[] = ['before', 'prefix', 'after', 'payload', 'trailer'];

function hexText(given: string): string {
  const bytes = given.match(/[0-9a-f]{2}/g) ?? [];
  const same = bytes.length > 4 && bytes.every((byte) => byte === bytes[0]);
  return same ? `${bytes[0]} × ${bytes.length}` : given;
}

/** The parts that a checksum covers (nothing if it covers every byte in front of it), and its byte order. */
function overText({ over, order }: ChecksumDescription): string {
  const parts = over?.map((range) =>
    typeof range === 'string' ? range : `${range.part} from ${range.from ?? 0}`,
  );
  const said = [...(parts === undefined ? [] : [`of ${parts.join(' + ')}`]), order ?? []].flat();
  return said.length === 0 ? '' : ` ${said.join(', ')}`;
}

function pieceText(piece: PieceDescription): string {
  if (typeof piece === 'number') {
    return `${piece} B`;
  }
  return typeof piece === 'string' ? hexText(piece) : `${piece.checksum}${overText(piece)}`;
}

function sectionText(given: SectionDescription): string {
  const pieces: readonly PieceDescription[] = Array.isArray(given) ? given : [given];
  return pieces.map(pieceText).join(', ');
}

function prefixText(given: PrefixDescription): string {
  if (typeof given === 'string') {
    return given;
  }
  if (!('type' in given)) {
    const [[name, argument] = [], ...options] = Object.entries(given);
    return [`${name}(${argument})`, ...options.map((option) => option.join(' '))].join(', ');
  }
  const { type, mask, unit, swapIf } = given;
  const said = [
    mask === undefined ? [] : `mask ${mask}`,
    unit === undefined ? [] : `× ${unit}`,
    swapIf === undefined ? [] : `swapped by bit ${swapIf.mask} of byte ${swapIf.at}`,
  ].flat();
  return `${type}${said.length === 0 ? '' : ` (${said.join(', ')})`}`;
}

/** The parts of a frame in order; those that the length counts are bold. */
function lengthPrefixedText(row: LengthPrefixedFraming): string {
  const counts = new Set<string>(row.counts ?? ['payload']);
  const { before, after, trailer, adjust } = row;
  const texts = {
    before: before === undefined ? undefined : sectionText(before),
    prefix: prefixText(row.prefix ?? 'u32be'),
    after: after === undefined ? undefined : sectionText(after),
    payload: 'payload',
    trailer: trailer === undefined ? undefined : sectionText(trailer),
  };
  const parts = ORDER.flatMap((part) => {
    const text = texts[part];
    return text === undefined ? [] : [counts.has(part) ? `**${text}**` : text];
  });
  const more = adjust === undefined ? '' : `; the number is ${adjust} more`;
  return `${parts.join(' · ')}${more}`;
}

/** The name and the options of a codec other than `lengthPrefixed`, as they stand in the row. */
function optionsText({ codec, ...row }: Format): string {
  const facts = ['source', 'note', 'known', 'seen', 'maxLength', 'maxPayloadLength'];
  const options = Object.entries(row)
    .filter(([name]) => !facts.includes(name))
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return [`\`${codec}\``, ...options].join(' · ');
}

function valueText(row: Format): string {
  if (row.codec !== 'lengthPrefixed') {
    return row.codec === 'messages' ? '{ header, body }' : 'payload';
  }
  if (row.deliver === 'frame') {
    return 'whole frame';
  }
  const own = (['before', 'after', 'trailer'] as const).filter((part) =>
    [row[part] ?? 0].flat().some((piece) => typeof piece === 'number' && piece > 0),
  );
  const flags = typeof row.prefix === 'object' && 'mask' in row.prefix ? ['flags'] : [];
  return row.deliver === 'parts' ? `{ ${[...own, ...flags, 'payload'].join(', ')} }` : 'payload';
}

function limitText(row: Format): string {
  const limits: Readonly<Record<string, unknown>> = { ...row };
  const limit = limits['maxPayloadLength'] ?? limits['maxLength'];
  return typeof limit === 'number' ? limit.toLocaleString('en-US') : 'what the length can count';
}

function tableRow([name, format]: readonly [string, Format]): string {
  const { source, note, known, seen } = format;
  const cells = [
    `\`${name}\``,
    format.codec === 'lengthPrefixed' ? lengthPrefixedText(format) : optionsText(format),
    `\`${valueText(format)}\``,
    limitText(format),
    source,
    note,
    seen === undefined ? MARKS[known] : `${MARKS[known]}: ${seen}`,
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function familyTable(family: keyof Families): string {
  const rows = Object.keys(FAMILIES[family])
    .filter(isFormatName)
    .map((name) => tableRow([name, ROWS[name]]));
  return [
    `### ${FAMILY_TITLES[family]}\n\n`,
    '| name | frame | value | limit | source | what to know | known by |\n|---|---|---|---|---|---|---|\n',
    `${rows.join('\n')}\n\n`,
  ].join('');
}

const HEAD = `# Formats

<!-- Made of src/codec/formats. Change that, then: UPDATE_DOCS=1 npx vitest run --project unit test/docs/formats.test.ts -->

Well-known protocols, each as a description of its framing in JSON. \`framing()\` makes a codec of a row, of its name, or of a description of your own:

\`\`\`ts
import { framing } from 'unstick/formats';

const postgres = framing('postgres'); // values are { before, payload }: before is the type byte
const kafka = framing('kafka', { maxPayloadLength: 1_000_000 });
const mine = framing({ codec: 'lengthPrefixed', before: '23 23', prefix: 'u16be', trailer: '0d 0a' });

const decoder = postgres.decoder();
decoder.push(Buffer.from('5a0000000549', 'hex')); // ReadyForQuery
for (const { before, payload } of decoder) console.log(String(before), String(payload));
console.log(Buffer.concat(kafka.encode(Buffer.from('hi'))));
console.log(Buffer.concat(mine.encode(Buffer.from('hi'))));
\`\`\`

\`\`\`text
Z I
<Buffer 00 00 00 02 68 69>
<Buffer 23 23 00 02 68 69 0d 0a>
\`\`\`

A row whose codec is \`lengthPrefixed\` is also options for it: \`lengthPrefixed(formats.postgres)\`, \`lengthPrefixed({ ...formats.kafka, maxPayloadLength: 1_000_000 })\`. That holds for rows without a checksum, without \`resync\`, and with a prefix such as \`u16be\`. What the other rows name, only \`framing()\` knows. For a protocol that is not here, answer four questions: [recipes](framing-recipes.md#from-a-specification-to-options).

On command lines a framing is one word:

| word | means |
|---|---|
| \`kafka\` | a row of the tables below |
| \`u32be\`, \`varint\` | a length prefix, and that many bytes |
| \`u16be@4\` | the number stands at offset 4, and counts what is behind it |
| \`u16be@4+6\` | the number stands at offset 4, and the frame is 6 bytes longer than the number says |
| \`u32le+0\` | the number is the length of the whole frame |
| \`{"codec":"lengthPrefixed","before":"23 23","prefix":"u16be"}\` | a description |
| \`@FILE\` | a file with any of these in it |

Wireshark shows the frames of each of these as well: \`unstick inspect --frames kafka --wireshark kafka.lua\` [writes a dissector](inspect.md#in-wireshark).

In a description, what is bytes or a value elsewhere has a name:

| option | in a description |
|---|---|
| bytes | hex: \`"23 23"\` |
| \`before\`, \`after\`, \`trailer\` | a number of bytes of yours, hex, a checksum, or a list of these: \`["23 23", 20]\` |
| checksum | \`{ "checksum": "CRC-16/MODBUS", "over": ["payload"], "order": "le" }\`; the names are those of the reveng catalogue, and xor8, sum8, …; in \`delimited\` the name, or with its \`order\` |
| \`prefix\` | a name, \`{ "digits": 4 }\`, \`{ "hexDigits": 4, "letters": "upper" }\`, \`{ "bcd": 2 }\`, \`{ "digitsUntil": "2c" }\`, \`"berLength"\`, \`{ "type": "u16be", "mask": "0fff", "unit": 4 }\` |
| \`escape\` | \`"slip"\`, \`"hdlc"\`, \`"jt808"\`, \`"jt809"\`, \`"dle"\`, or \`{ "escape": "7d", "codes": { "7d": "01" } }\`, or a list of such maps |
| \`resync\` of \`lengthPrefixed\` and \`delimited\` | \`true\`, or \`{ "maxGap": 4096 }\` |
| fragments | \`{ "codec": "continued", "frame": {…}, "mark": { "part": "flags", "mask": "80000000", "means": "last" }, "fragmentLength": 65536 }\` |

\`unstick formats\` lists the formats on a terminal. \`unstick formats SEARCH\` draws the frames of those that have the words of the search in their name, family, source or note, and \`unstick formats 'u16be@4+6'\` draws a framing that is no format:

\`\`\`
┌─────────┬──────────────┬───────────┐
│ 4 bytes │ length u16be │ * payload │
└─────────┴──────────────┴───────────┘
\`\`\`

| Option | Does | Default |
|---|---|---|
${optionLines(Object.values(FORMATS_OPTIONS)).join('\n')}

\`parseFraming\` and \`printFraming\` of \`unstick/formats\` read and write these words. A description is checked as options are: a wrong name or value is \`ERR_OPTION\`, nothing is coerced, and it may come from a file or a remote.

`;

const LEGEND = `## The table

In a frame, **bold** marks the parts that the length counts. "B" marks bytes that your program reads and writes. Hexadecimal bytes are fixed: encode writes them, and decode demands them. The value is what decode returns and encode takes. The limit is in bytes of payload. It is the protocol's own, or the default of its best-known implementation, or else the default of this package.

The last column says how we know. *capture*: frames of the real program, in our tests or in a capture where another dissector found the same ones. *device*: bytes that another project published in its tests. *spec only*: written from the specification, and not yet seen on a wire: check your first frames.

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
## Frames that depend on their type or on the request

These are no rows, because no length in front says where their frames end. Each needs a codec of its own with [\`defineCodec\`](framing-recipes.md#a-codec-of-your-own-step-by-step). [Ten protocols that need code](kit.md) are there whole.

| protocol | what decides where a frame ends |
|---|---|
| RFB (VNC) | the type of the message; from the server the number of rectangles, and the encoding of each |
| USB/IP | the command; of an answer the request as well, because only what was read comes back |
| NBD | the request: a simple reply has data only if the request was a read |
| Modbus RTU | the function, and whether it is a request: [in code](kit.md#modbus-rtu) |
| iSCSI | two lengths in one head, one of them in words, and padding after each: as [FastCGI](kit.md#fastcgi) |
| TURN over TCP | a length without its padding to 4 bytes; STUN messages between, which have none |
| Cap'n Proto | a table with the length of each segment |
| DNP3 | the length, and a CRC after every 16 bytes: [in code](kit.md#dnp3) |

Where the request decides, one side notes what it has asked, and \`next\` looks there: make the codec of a connection in a function, with the open requests beside it. Where the type decides, a table of lengths is enough. What a client of RFB sends after the handshake:

\`\`\`ts
import { defineCodec } from 'unstick';

/** Lengths of the messages without a count: pixel format, update request, key, pointer. */
const LENGTHS: Readonly<Record<number, number>> = { 0: 20, 3: 10, 4: 8, 5: 6 };
const SET_ENCODINGS = 2;
const CUT_TEXT = 6;

const rfbFromClient = defineCodec<Uint8Array>({
  maxLength: 1_048_576,
  encode: (message) => message,
  next(queue) {
    const type = queue.byteAt(0);
    if (type === undefined) return undefined;
    const headLength = type === SET_ENCODINGS ? 4 : type === CUT_TEXT ? 8 : 1;
    if (!queue.has(headLength)) return undefined;
    const head = queue.peek(headLength);
    const view = new DataView(head.buffer, head.byteOffset);
    let length = LENGTHS[type];
    if (type === SET_ENCODINGS) length = 4 + 4 * view.getUint16(2);
    if (type === CUT_TEXT) length = 8 + view.getUint32(4);
    if (length === undefined) return queue.refuse(\`RFB has no message \${type} of a client\`);
    return queue.hasFrame(length) ? queue.take(length) : undefined;
  },
});

const decoder = rfbFromClient.decoder();
for (const byte of Buffer.from('0401000000000061 02000000 0600000000000002 6869 09'.replaceAll(' ', ''), 'hex')) {
  decoder.push(Buffer.of(byte));
  try {
    for (const message of decoder) console.log(message);
  } catch (error) {
    console.log(String(error));
  }
}
\`\`\`

\`\`\`text
<Buffer 04 01 00 00 00 00 00 61>
<Buffer 02 00 00 00>
<Buffer 06 00 00 00 00 00 00 02 68 69>
ProtocolError: RFB has no message 9 of a client (frame 3, byte 22).
\`\`\`

## Other codecs

| format | codec |
|---|---|
| netstrings, \`5:hello,\` | \`netstrings()\` |
| LSP, DAP: \`Content-Length: 5\` and an empty line | \`contentLength()\` |
| a fixed binary header with more in it than a length | [\`headerPrefixed()\`](framing-recipes.md#a-binary-header-with-binary-parser) |
| length, JSON header, body | \`messages()\`, \`messageStream()\` |
| no frames | \`rawBytes()\` |
`;

/** The whole page. */
export function formatsPage(): string {
  const families = Object.keys(FAMILY_TITLES) as (keyof Families)[];
  const phases = Object.entries(PHASES).map(([name, words]) => `- \`${name}\`: ${words}`);
  return [
    HEAD,
    LEGEND,
    ...families.map(familyTable),
    '## Phases and directions\n\n',
    'These are not one format from the first byte to the last. `release()` ends a phase and gives the duplex back with its unread bytes; `framed(duplex, { read, write })` takes a codec for each direction.\n\n',
    `${phases.join('\n')}\n`,
    EXAMPLE,
    TAIL,
  ].join('');
}
