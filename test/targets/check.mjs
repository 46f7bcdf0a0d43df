#!/usr/bin/env node
// Check the truth of the manifest without the prover, with plain sockets and pauses:
//   BROKEN, NOT_SAFE  the delivery under `breaks` gets another answer than the whole requests, three times
//   SAFE              random cuts, joins, pauses and FINs get the answer of the whole requests
//   INCONCLUSIVE      the whole requests themselves get different answers
//   NOT_BROKEN        the whole requests are answered; nothing more can be said in general
// usage: node test/targets/check.mjs [--only NAME]... [--seed N] [--rounds N] [--jobs N]

import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  build,
  bytesOf,
  eachOf,
  fill,
  freePort,
  inFolder,
  missingProgram,
  randomFrom,
  readManifest,
  start,
  stopOnSignals,
} from './targets.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const PIECE_PAUSE = 60;
const SETTLE = 120; // until the server has accepted, forked and waits in its first read
const QUIET = 700;
const QUIET_BASELINE = 2200;

async function connect(port) {
  for (let attempt = 0; attempt < 200; attempt++) {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    const isOpen = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    if (isOpen) {
      return socket;
    }
    await sleep(50);
  }
  throw new Error('The server does not listen');
}

/** A connection that collects its answer; `quiet` waits for the end, or for ms without a byte. */
async function client(port) {
  const socket = await connect(port);
  const chunks = [];
  let last = Date.now();
  let hasEnded = false;
  socket.on('data', (chunk) => {
    chunks.push(chunk);
    last = Date.now();
  });
  socket.on('error', () => undefined).on('close', () => (hasEnded = true));
  socket.on('end', () => (hasEnded = true));
  const answer = () => Buffer.concat(chunks).toString('latin1');
  return {
    answer,
    send(piece) {
      last = Date.now();
      socket.write(piece);
    },
    end: () => socket.end(),
    close: () => socket.destroy(),
    async quiet(ms, isEnough = () => false) {
      last = Date.now();
      while (!hasEnded && Date.now() - last < ms && !isEnough(answer())) {
        await sleep(5);
      }
    },
  };
}

/** Play pieces with pauses on some connections at once; gives their answers. */
async function play(port, pieces, { pause, fin, connections = 1, expected, quiet = QUIET }) {
  const clients = [];
  for (let i = 0; i < connections; i++) {
    clients.push(await client(port));
  }
  await sleep(SETTLE);
  const answers = [];
  try {
    for (const [index, piece] of pieces.entries()) {
      for (const each of clients) {
        each.send(piece);
        if (fin && index === pieces.length - 1) {
          each.end();
        } else {
          await sleep(typeof pause === 'function' ? pause() : pause);
        }
      }
    }
    for (const each of clients) {
      await each.quiet(quiet, (answer) => answer.length >= (expected?.length ?? Infinity));
      if (expected !== undefined) {
        await sleep(30); // for what comes behind an answer that is complete
      }
      answers.push(each.answer());
      each.close(); // a server may serve one connection at a time
    }
  } finally {
    clients.forEach((each) => each.close());
  }
  return answers;
}

/** Send each request when the one before it is answered. */
async function playInTurn(port, requests, fin) {
  const each = await client(port);
  try {
    for (const [index, request] of requests.entries()) {
      each.send(request);
      if (fin && index === requests.length - 1) {
        each.end();
      }
      let length = each.answer().length;
      await each.quiet(QUIET_BASELINE, (answer) => answer.length > length);
      for (; each.answer().length > length; length = each.answer().length) {
        await sleep(200);
      }
    }
    return each.answer();
  } finally {
    each.close();
  }
}

function cutAt(bytes, offsets) {
  const ends = [...new Set(offsets)].filter((n) => n > 0 && n < bytes.length).sort((a, b) => a - b);
  return [...ends, bytes.length].map((end, i) => bytes.subarray(i === 0 ? 0 : ends[i - 1], end));
}

function boundariesOf(requests) {
  let offset = 0;
  return requests.map((request) => (offset += request.length));
}

/** Requests joined to pieces of at most 500 bytes, each of which ends where a request ends. */
function grouped(requests) {
  const perPiece = Math.max(1, Math.floor(500 / Math.max(...requests.map(({ length }) => length))));
  const count = Math.ceil(requests.length / perPiece);
  return Array.from({ length: count }, (_, index) =>
    Buffer.concat(requests.slice(index * perPiece, (index + 1) * perPiece)),
  );
}

/** The requests over and over: in one piece they are answered wrongly, in small ones rightly. */
async function checkDeep({ port, requests, breaks, whole, normal }) {
  const many = Array.from({ length: breaks.repeat }, () => requests).flat();
  const expected = whole.repeat(breaks.repeat);
  for (let time = 1; time <= 3; time++) {
    const [parted] = await play(port, grouped(many), { pause: 5, expected });
    if (normal(parted) !== expected) {
      return `time ${time}: many requests in small pieces are answered differently`;
    }
    const [joined] = await play(port, [Buffer.concat(many)], { pause: 0, expected });
    if (normal(joined) === expected) {
      return `time ${time}: the delivery that should break it does not`;
    }
  }
  return undefined;
}

async function checkBroken({ port, requests, breaks, whole, normal }) {
  if (breaks.repeat !== undefined) {
    return await checkDeep({ port, requests, breaks, whole, normal });
  }
  const bytes = Buffer.concat(requests);
  const between = breaks.joined ? [] : boundariesOf(requests);
  const pieces = cutAt(bytes, [...between, ...(breaks.cuts ?? [])]);
  if (breaks.joined) {
    // What is broken only when joined must work in packets that follow each other at once.
    const [answer] = await play(port, requests, { pause: 25, expected: whole });
    if (normal(answer) !== whole) {
      return 'it needs lock-step: pipelined requests are answered differently when they are not joined';
    }
  }
  // A busy machine may let the FIN come late, as it is no part of the last write; only then a try may fail.
  let spare = breaks.fin ? 9 : 0;
  for (let time = 1; time <= 3;) {
    const options = { pause: PIECE_PAUSE, ...breaks, expected: whole };
    const answers = await play(port, pieces, options);
    if (answers.some((answer) => normal(answer) !== whole)) {
      time++;
    } else if (--spare < 0) {
      return `time ${time}: the delivery that should break it does not`;
    }
    if ((await playInTurn(port, requests)) !== whole) {
      return 'the whole requests are answered differently afterwards';
    }
  }
  return undefined;
}

async function checkRight({ port, requests, whole, normal, random, rounds, alwaysFin }) {
  const bytes = Buffer.concat(requests);
  for (let round = 0; round < rounds; round++) {
    const between = boundariesOf(requests).filter(() => random() < 0.5);
    const count = 1 + Math.floor(random() * 8);
    const cuts = Array.from({ length: count }, () => Math.floor(random() * bytes.length));
    const pieces = cutAt(bytes, round === 0 ? [] : [...between, ...cuts]);
    const options = {
      pause: () => (random() < 0.1 ? 400 : random() * 30),
      fin: alwaysFin || random() < 0.3,
      connections: random() < 0.3 ? 2 : 1,
      expected: whole,
      quiet: 4000,
    };
    for (const answer of await play(port, pieces, options)) {
      if (normal(answer) !== whole) {
        const lengths = pieces.map((piece) => piece.length).join(' ');
        return `round ${round}, fin ${options.fin}, pieces of ${lengths}: ${JSON.stringify(answer.slice(0, 300))} for ${JSON.stringify(whole.slice(0, 300))}`;
      }
    }
  }
  return undefined;
}

async function checkUnsteady({ port, requests, whole }) {
  const joined = [Buffer.concat(requests)];
  for (let time = 0; time < 3; time++) {
    const [answer] = await play(port, joined, { pause: 0 });
    if (answer !== whole || (await playInTurn(port, requests)) !== whole) {
      return undefined;
    }
  }
  return 'the whole requests always get the same answer';
}

/** What is wrong with the manifest's word on this target; undefined when nothing is. */
async function faultOf(target, port, words, { seed, rounds }) {
  const requests = target.send.map((request) => bytesOf(request, words));
  const option = (name) => target.options?.[target.options.indexOf(name) + 1];
  const noise = target.options?.includes('--normalize') && new RegExp(option('--normalize'), 'g');
  const normal = (answer) => (noise ? answer.replace(noise, '') : answer);
  const alwaysFin = target.options?.includes('eof') ?? false;
  (await connect(port)).destroy();
  await sleep(target.want === 'NOT_BROKEN' ? 2000 : 0);
  const first = normal(await playInTurn(port, requests, alwaysFin));
  if (first === '') {
    return 'the whole requests are not answered';
  }
  const facts = { port, requests, whole: first, normal, breaks: target.breaks, alwaysFin };
  switch (target.want) {
    case 'BROKEN':
    case 'NOT_SAFE':
      return await checkBroken(facts);
    case 'SAFE':
      return await checkRight({ ...facts, rounds, random: randomFrom(seed) });
    case 'INCONCLUSIVE':
      return await checkUnsteady(facts);
    default:
      return undefined;
  }
}

async function check(target, options) {
  return await inFolder(async (tmp) => {
    const words = { tmp, dir: HERE, port: await freePort() };
    await build(target, words);
    const server = start(['sh', '-c', `exec ${fill(target.spawn, words)}`]);
    try {
      return await faultOf(target, words.port, words, options);
    } catch (error) {
      return error.message;
    } finally {
      server.stop('SIGKILL');
      await server.exited;
    }
  });
}

stopOnSignals();
const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    seed: { type: 'string', default: '7' },
    rounds: { type: 'string', default: '15' },
    jobs: { type: 'string', default: '4' },
  },
});
const options = { seed: Number(values.seed), rounds: Number(values.rounds) };
const targets = readManifest(HERE, values.only);
let wrong = 0;
await eachOf(targets, Number(values.jobs), async (target) => {
  const missing = missingProgram(target);
  const fault = missing === undefined ? await check(target, options) : `${missing} is not there`;
  if (fault !== undefined) {
    wrong++;
    console.log(`${target.name} (${target.want}): ${fault}`);
  }
});
console.log(`seed ${values.seed}: ${targets.length - wrong} as the manifest says, ${wrong} not`);
process.exitCode = wrong === 0 ? 0 : 1;
