// The site as it was built: its files, and a server for them that knows nothing else.

import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, posix, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const dist: string = fileURLToPath(new URL('../../dist', import.meta.url));

/** Every file of a site, as a path from its root. */
export function filesOf(folder: string = dist): readonly string[] {
  return readdirSync(folder, { recursive: true })
    .map((name) => String(name).split(sep).join('/'))
    .filter((name) => statSync(join(folder, name)).isFile());
}

export function pagesOf(): readonly string[] {
  return filesOf().filter((name) => name.endsWith('.html'));
}

export function readPage(name: string, folder: string = dist): string {
  return readFileSync(join(folder, name), 'utf8');
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
};

/** Serves a site as any host of files does. Under a base, nothing is served beside it; it ends with `/`. */
export async function serveSite(
  folder: string = dist,
  base = '/',
): Promise<{ readonly server: Server; readonly origin: string }> {
  const server = createServer(({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://localhost');
    const path = posix.normalize(decodeURIComponent(pathname)).replace(/\/$/, '/index.html');
    const file = join(folder, path.slice(base.length - 1));
    if (!path.startsWith(base) || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end('not found');
      return;
    }
    const type = TYPES[extname(file)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type }).end(readFileSync(file));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { server, origin: `http://127.0.0.1:${port}` };
}
