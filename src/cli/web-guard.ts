// Decides who may ask the server of `--web`. The server listens on this machine only. But every page that a
// browser shows there can send requests to it, and a page with a host name that its author controls can send
// them under its own origin (DNS rebinding).
//
// Rules:
// - The first part of the path is a random token, which only the terminal has shown.
// - Host must name this server by its address or as localhost. Another name would be another origin.
// - Origin and Sec-Fetch-Site must be those of this page, if the browser sends them. Sec-Fetch-Site may also
//   say that no page asks, as for an address that a person has typed.

import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface Asked {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

export interface Door {
  readonly port: number;
  readonly token: string;
}

/** A request that was admitted: the path behind the token, and the query. */
export interface Admitted {
  readonly path: string;
  readonly search: URLSearchParams;
}

/** Decides about a request. Returns the status of a refusal, or the admitted request. */
export function admit({ method, url, headers }: Asked, { port, token }: Door): Admitted | number {
  if (method !== 'GET') {
    return 405;
  }
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const { host = '', origin } = headers;
  const site = headers['sec-fetch-site'];
  const isOwn =
    hosts.includes(host) &&
    (origin === undefined || origin === `http://${host}`) &&
    (site === undefined || site === 'same-origin' || site === 'none');
  if (!isOwn) {
    return 403;
  }
  const [, given = '', path = '', search = ''] =
    /^\/([^/?]*)\/([^?]*)(?:\?(.*))?$/.exec(url ?? '') ?? [];
  return isSame(given, token) ? { path, search: new URLSearchParams(search) } : 404;
}

/** Compares two texts in a time that does not show where they differ. */
function isSame(one: string, other: string): boolean {
  const [first, second] = [one, other].map((text) => createHash('sha256').update(text).digest());
  return first !== undefined && second !== undefined && timingSafeEqual(first, second);
}
