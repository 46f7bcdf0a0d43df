// Serves GET /health and GET /metrics over HTTP, for programs that watch the gateway: a load balancer,
// Prometheus.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Gateway } from './gateway.ts';

export interface HealthOptions {
  /** Address to listen on. Default `127.0.0.1`. */
  readonly host?: string | undefined;
  /** Port to listen on. With 0 the system chooses a free port. Default 0. */
  readonly port?: number | undefined;
}

/** The HTTP server of a gateway. */
export interface HealthServer {
  /** `host:port` on which the server listens. */
  readonly address: string;
  readonly port: number;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/**
 * Maximum number of connections at a time. A watcher needs one connection, and an unknown client must not be
 * able to hold many.
 */
const MAX_CONNECTIONS = 64;
const TEXT = 'text/plain; charset=utf-8';

/** Answers with 200 while devices can connect and the bus is in reach, otherwise with 503. */
function healthAnswer({ health }: Gateway): Answer {
  const isWell = health.state === 'serving' && health.isBusUp;
  const body = `${JSON.stringify(health)}\n`;
  return { status: isWell ? 200 : 503, type: 'application/json', body };
}

function answerTo(gateway: Gateway, { method, url }: IncomingMessage): Answer {
  if (method !== 'GET' && method !== 'HEAD') {
    return { status: 405, type: TEXT, body: 'Only GET and HEAD.\n' };
  }
  // Watchers may append parameters, which say nothing here.
  switch (url?.split('?')[0]) {
    case '/health':
      return healthAnswer(gateway);
    case '/metrics':
      return { status: 200, type: 'text/plain; version=0.0.4', body: gateway.metrics() };
    default:
      return { status: 404, type: TEXT, body: 'There are /health and /metrics.\n' };
  }
}

function respond(gateway: Gateway, request: IncomingMessage, response: ServerResponse): void {
  const { status, type, body } = answerTo(gateway, request);
  request.resume();
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** Serves the health and the metrics of a gateway. Rejects if the port cannot be opened. */
export async function serveHealth(
  gateway: Gateway,
  { host = '127.0.0.1', port = 0 }: HealthOptions = {},
): Promise<HealthServer> {
  const server = createServer((request, response) => respond(gateway, request, response));
  server.maxConnections = MAX_CONNECTIONS;
  server.listen(port, host);
  await once(server, 'listening');
  const { port: opened } = addressOf(server);
  return {
    address: `${host}:${opened}`,
    port: opened,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new Error('An HTTP server on a port has an address.');
  }
  return address;
}
