// What the Node servers share: a listener on the port of the first argument.

import net from 'node:net';

export function serve(handle, options = {}) {
  const server = net.createServer({ noDelay: true, ...options }, (socket) => {
    socket.on('error', () => undefined);
    handle(socket);
  });
  server.listen(Number(process.argv[2]), '127.0.0.1');
}
