// The server of `inspect --web`, on 127.0.0.1 only. It serves one page, answers the questions of the page,
// and keeps its live connection.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { ConnectionError } from '../errors.ts';
import { printableJson } from '../text.ts';
import type { Inspection } from '../trace/inspection.ts';
import { reasonOf } from './inputs.ts';
import { answer } from './web-answers.ts';
import { WebEvents } from './web-events.ts';
import { admit } from './web-guard.ts';
import type { Admitted } from './web-guard.ts';

export interface WebServerOptions {
  /** Port on 127.0.0.1. With 0 the system chooses a free port. */
  readonly port: number;
  /** The page as HTML, with its security policy in a meta element. */
  readonly page: string;
  readonly inspection: Inspection;
}

/** Number of random bytes in the token. */
const TOKEN_LENGTH = 16;
/** Maximum number of connections. A page opens about six. */
const MAX_CONNECTIONS = 128;

const HEADERS = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;

export class WebServer {
  readonly #server: Server;
  readonly #events: WebEvents;
  readonly #page: string;
  readonly #policy: string;
  readonly #inspection: Inspection;
  readonly #token = randomBytes(TOKEN_LENGTH).toString('base64url');
  #port = 0;

  private constructor({ page, inspection }: WebServerOptions) {
    this.#page = page;
    this.#policy = `${policyIn(page)}; frame-ancestors 'none'`;
    this.#inspection = inspection;
    this.#events = new WebEvents(() => printableJson(inspection.state()));
    this.#server = createServer(this.#take);
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /** Opens the server. Rejects with ConnectionError ERR_LISTEN. */
  static async open(options: WebServerOptions): Promise<WebServer> {
    const opened = new WebServer(options);
    const server = opened.#server;
    try {
      server.listen(options.port, '127.0.0.1');
      await once(server, 'listening');
    } catch (cause) {
      const facts = `Cannot listen on 127.0.0.1:${options.port}: ${reasonOf(cause)}`;
      throw new ConnectionError('ERR_LISTEN', facts, { cause });
    }
    const address = server.address();
    opened.#port = typeof address === 'object' && address !== null ? address.port : 0;
    return opened;
  }

  /** Address of the page, with the token. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}/${this.#token}/`;
  }

  /** Says that the inspection has changed. */
  readonly announce = (): void => this.#events.announce();

  async close(): Promise<void> {
    this.#events.close();
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  readonly #take = (request: IncomingMessage, response: ServerResponse): void => {
    const admitted = admit(request, { port: this.#port, token: this.#token });
    // A remote that goes in the middle of an answer is no error of this program.
    response.on('error', () => undefined);
    if (typeof admitted === 'number') {
      // A browser shows an error of its own for an answer without a word.
      response.writeHead(admitted, { ...HEADERS, 'content-type': 'text/plain' }).end('Refused.\n');
    } else {
      this.#answer(admitted, response);
    }
  };

  #answer({ path, search }: Admitted, response: ServerResponse): void {
    if (path === '') {
      const type = { 'content-type': 'text/html; charset=utf-8' };
      response.writeHead(200, { ...HEADERS, ...type, 'content-security-policy': this.#policy });
      response.end(this.#page);
    } else if (path === 'events') {
      this.#stream(response);
    } else {
      const { status, value } = answer(this.#inspection, path, search);
      response.writeHead(status, { ...HEADERS, 'content-type': 'application/json' });
      response.end(printableJson(value));
    }
  }

  #stream(response: ServerResponse): void {
    if (this.#events.isFull) {
      response.writeHead(503, HEADERS).end();
      return;
    }
    response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' });
    this.#events.add(response);
  }
}

/** Returns the policy in the text of the page, with the hashes of its script and its style. */
function policyIn(page: string): string {
  const [, policy] =
    /<meta http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(page) ?? [];
  return policy ?? "default-src 'none'";
}
