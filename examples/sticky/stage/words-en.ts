// The words of the demo and of cures.ts in English.

import { mebibytes } from '../../support/ink.ts';
import type { Words } from './words.ts';

export const wordsEn: Words = {
  headline: 'unstick: what TCP does to messages, and how to undo it',
  intro: [
    'TCP delivers bytes, in order, cut anywhere. It does not know what a message is.',
    'So one recv() may give half a message (半包), or two stuck together (粘包).',
    'All of this is measured now, between real processes on 127.0.0.1.',
  ],
  messages: 'sent',
  chunks: 'recv() gave',
  naive: {
    title: 'Naive: one recv() is one answer',
    server: 'the whole output, and no word on where it ends',
    mistake: '✘ takes a chunk for a message',
    neverRead: (bytes) => `${bytes} more, for the next questions`,
    notVersion: '← a version?',
    moral: 'From here on, every answer belongs to an earlier question.',
    claimRest: (from, to) => `answer 2 is bytes ${from} to ${to} of answer 1: its rest`,
    claimVersion: (behind) => `the version came, too, ${behind} bytes later, and is in no answer`,
  },
  almost: {
    title: 'Almost right: length, JSON header, body; the length by one recv(4)',
    mistake: '✘ may return fewer than 4 bytes',
    unstick: '✔ the same bytes, read by unstick',
    name: 'almost right',
    moral: 'Now the network delivers the first 2 bytes a little before the rest:',
    mapTitle: (places) =>
      `The same message cut after each of its bytes, ${places} connections: whole (✔) or broken (✘)?`,
    claimQuiet: (whole, of) =>
      `${whole} of ${of} answers whole on a quiet loopback: tested, shipped`,
    claimBreaks: 'delivered as 2 bytes + the rest, the very first message breaks it',
    claimUnstick: 'the same bytes, cut the same way, through unstick: the whole message',
    claimPlaces: (whole, of) => `through unstick it is whole wherever it is cut: ${whole} of ${of}`,
  },
  whole: {
    title: 'Through unstick: messages, and an answer of any length',
    server: 'one message for each piece of output',
    client: 'what was sent, whole, in order',
    longOutput: 'node -e "…"   (numbered lines without end)',
    start: 'A stretch of the long answer, as it came this time:',
    delivered: (chunks, messages) => `${chunks} chunks came, ${messages} messages were received`,
    half: (chunks) => `${chunks} chunks ended inside a message (半包)`,
    stuck: (chunks) => `${chunks} chunks held bytes of two or more (粘包)`,
    speed: (seconds, rate) => `${seconds} s, ${rate} MB/s, hashed on both sides`,
    hashes: ['SHA-256 sent', 'received'],
    memoryTitle: 'Memory from start to end (each bar: start … start + 128 MiB):',
    memoryNames: ['server', 'client'],
    memory: ({ start, peak }) => `start ${mebibytes(start)}, peak ${mebibytes(peak)}`,
    claimShort: 'the two short answers are what the commands print, and nothing else',
    claimLong: (bytes) => `a real process printed ${bytes} bytes; all of them arrived, exit code 0`,
    claimHash: 'SHA-256 is the same on both sides',
    claimMemory: (name, growth) => `${name}: grew by ${growth}, less than 128 MiB`,
  },
  cures: {
    headline: (messages, length) =>
      `${messages} messages of ${length} bytes, one send() each. What does one recv() give?`,
    oneTick: 'all at once, recv(1024)',
    nothing: 'one after the other, recv(1024)',
    sleep: 'sleep 1 ms after each',
    allThree: 'all three together',
    gate: 'wait until the receiver has read it',
    python: 'Python: one after the other',
    pythonNoDelay: 'Python: TCP_NODELAY',
    idle: 'idle receiver',
    busy: (ms) => `receiver works ${ms} ms on each`,
    cure: 'cure',
    taken: 'recvs,',
    right: 'one whole message',
    isNone: (cure, right, of) => `${cure}: no cure (${right} of ${of} right)`,
    isHere: (name) =>
      `${name}: right, but only on one machine, whose kernel shows the receiver's queue`,
    isCure: (name) => `${name}: every message is whole on both receivers`,
  },
  allHeld: (claims, seconds) => `All ${claims} claims held, in ${seconds} s.`,
  notHeld: (held, claims) => `Only ${held} of ${claims} claims held.`,
  next: [
    'In your program:  for await (const { header, body } of framed(socket, messages())) …',
    'Why the usual cures are none:  npx tsx examples/sticky/cures.ts',
    "See it:  npx unstick inspect --hex '0005 68656c | 6c6f 0005 776f726c64' --frames u16be",
  ],
  failed: 'The demo could not go on',
};
