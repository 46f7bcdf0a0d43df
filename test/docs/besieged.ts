// Preloaded into a program of the documentation that is under siege (siege.ts). The siege hears of each
// listening socket first, and the program only when the siege allows it. So strangers connect first, and then
// the program's own, well-behaved client. Imports only modules of Node, because it is compiled alone.

import cluster from 'node:cluster';
import { EventEmitter } from 'node:events';
import { Server as HttpServer } from 'node:http';
import { connect, Server } from 'node:net';
import { createInterface } from 'node:readline';
import { Server as TlsServer } from 'node:tls';

const control = connect(Number(process.env['UNSTICK_SIEGE']), '127.0.0.1');
control.on('error', () => undefined);
control.unref();
const besieged = new Map<Server, number>();
const passed = new Map<number, () => void>();

/**
 * Bytes in use, after a collection. The second one frees what finalizers let go after the first. Lines that the
 * siege has not read yet wait in this process, so they are awaited: they say how busy the siege is.
 */
async function used(): Promise<number> {
  await new Promise((resolve) => process.stdout.write('', resolve));
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function tell(event: string, facts: object): void {
  control.write(`${JSON.stringify({ event, ...facts })}\n`);
}

function kindOf(server: Server): string {
  if (server instanceof TlsServer) {
    return 'tls';
  }
  return server instanceof HttpServer ? 'http' : 'tcp';
}

Server.prototype.emit = function (this: Server, event: string, ...args: unknown[]): boolean {
  // The primary of a cluster listens for its workers, with a server of node's own.
  const isOurs = event === 'listening' && Object.keys(cluster.workers ?? {}).length === 0;
  if (!isOurs || besieged.has(this)) {
    return EventEmitter.prototype.emit.call(this, event, ...args);
  }
  const id = besieged.size;
  besieged.set(this, id);
  control.ref();
  passed.set(id, () => {
    control.unref();
    EventEmitter.prototype.emit.call(this, event, ...args);
    setImmediate(() => tell('told', { id }));
  });
  void used().then((bytes) =>
    tell('listening', { id, address: this.address(), kind: kindOf(this), used: bytes }),
  );
  return true;
};

// oxlint-disable-next-line typescript/unbound-method -- the proxy calls it with its server
Server.prototype.close = new Proxy(Server.prototype.close, {
  apply(close, server: Server, args) {
    const id = besieged.get(server);
    if (id !== undefined) {
      tell('closing', { id });
    }
    return Reflect.apply(close, server, args);
  },
});

// readline passes on the error of its input: a siege that is over resets this socket.
createInterface({ input: control })
  .on('error', () => undefined)
  .on('line', (line) => {
    const [word, id] = line.split(' ');
    if (word === 'measure') {
      void used().then((bytes) => tell('measured', { id: Number(id), used: bytes }));
    } else {
      passed.get(Number(id))?.();
    }
  });
