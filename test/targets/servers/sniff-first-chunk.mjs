// BROKEN: HTTP and a line protocol on one port; which of them is judged by the first chunk alone.

import { serve } from './serve.mjs';

serve((socket) => {
  let buffer = '';
  let isHttp;
  socket.setEncoding('latin1');
  socket.on('data', (chunk) => {
    buffer += chunk;
    isHttp ??= /^(GET|POST|HEAD) /.test(buffer);
    const separator = isHttp ? '\r\n\r\n' : '\r\n';
    for (let end; (end = buffer.indexOf(separator)) >= 0;) {
      const message = buffer.slice(0, end);
      buffer = buffer.slice(end + separator.length);
      socket.write(isHttp ? `HTTP/1.1 204 ${message.length}\r\n\r\n` : `+${message}\r\n`);
    }
  });
});
