// Strangers from one address keep their connections, say nothing, and reconnect when they are dropped. A
// client that belongs here still gets in from the same address, with TLS and without.

import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { cert, key } from '../../test/support/self-signed.ts';
import { Caller } from '../chat/caller.ts';
import { login } from '../file-transfer/client/login.ts';
import { ask, password, World } from '../file-transfer/testing/world.ts';
import { Trial } from '../remote-shell/testing/trial.ts';
import { Stage } from './stage.ts';

const STRANGERS = 160;
/** Time in ms after which a stranger who was dropped reconnects. */
const AGAIN_MS = 20;
/**
 * A visit may be repeated for so long. On a busy machine all the strangers may knock between two steps of a
 * handshake, and push the owner out with the oldest of them. If they kept the owner out, no visit would help.
 */
const REPEATED = { timeout: 60_000, interval: AGAIN_MS };

interface Place {
  readonly port: number;
  /** Connects as a client that belongs here, uses the server, and leaves. Rejects if that fails. */
  readonly visit: () => Promise<unknown>;
}

/** Each server takes fewer connections than there are strangers. */
const servers: Readonly<Record<string, () => Promise<Place>>> = {
  'the shell': () => shell(false),
  'the shell over TLS': () => shell(true),
  'the file server': () => files(false),
  'the file server over TLS': () => files(true),
  'the chat': chat,
};

async function shell(secure: boolean): Promise<Place> {
  const few = ['--max-connections', '4'];
  const trial = secure ? await Trial.startWithTls({ cert, key }, few) : await Trial.start(few);
  onTestFinished(() => trial.end());
  const visit = async (): Promise<void> => {
    const { stdin, stdout, ended } = (await trial.connect()).start({ argv: ['true'] });
    stdin.end();
    stdout.resume();
    expect(await ended).toEqual({ code: 0, signal: null });
    await trial.disconnect();
  };
  return { port: trial.port, visit };
}

async function files(secure: boolean): Promise<Place> {
  const args = ['--max-connections', '100'];
  const world = await World.open({ args, ...(secure ? { tls: { key, cert } } : {}) });
  onTestFinished(() => world.end());
  const tls = secure ? { ca: Buffer.from(cert) } : undefined;
  const visit = async (): Promise<void> => {
    const server = { host: '127.0.0.1', port: world.port, tls };
    const peer = await login(server, { user: 'alice', password });
    expect(await ask(peer, 'pwd')).toEqual({ path: '/' });
    await peer.close();
  };
  return { port: world.port, visit };
}

async function chat(): Promise<Place> {
  const stage = new Stage(new URL('../chat', import.meta.url).pathname);
  onTestFinished(() => stage.end());
  const { port } = await stage.serve('server.ts', ['--limit', 'maxUsers=2']);
  const visit = async (): Promise<void> => {
    const caller = await Caller.in(port, 'anna', 'lobby');
    await caller.send({ type: 'bye' });
    await caller.until('bye');
  };
  return { port, visit };
}

/**
 * Opens STRANGERS connections and says nothing on them; reconnects those that drop. Returns the open ones.
 */
function comeAndStay(port: number): ReadonlySet<Socket> {
  const held = new Set<Socket>();
  let isOver = false;
  const come = (): void => {
    if (isOver) {
      return;
    }
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    held.add(socket);
    socket.once('close', () => {
      held.delete(socket);
      setTimeout(come, AGAIN_MS);
    });
  };
  Array.from({ length: STRANGERS }, come);
  onTestFinished(() => {
    isOver = true;
    held.forEach((socket) => socket.destroy());
  });
  return held;
}

test.each(Object.entries(servers))('%s lets the owner in while 160 knock', async (_, start) => {
  const { port, visit } = await start();
  const held = comeAndStay(port);
  await expect.poll(() => held.size).toBeGreaterThan(STRANGERS / 2);
  for (let time = 0; time < 5; time++) {
    await vi.waitFor(visit, REPEATED);
  }
  expect(held.size).toBeGreaterThan(0);
});
