// RIGHT: HTTP and a line protocol on one port, judged when a line is complete.

import { serve } from './serve.mjs';

serve((socket) => {
  let buffer = '';
  let isHttp;
  socket.setEncoding('latin1');
  socket.on('data', (chunk) => {
    buffer += chunk;
    if (isHttp === undefined && buffer.includes('\r\n')) {
      isHttp = /^(GET|POST|HEAD) /.test(buffer);
    }
    const separator = isHttp ? '\r\n\r\n' : '\r\n';
    for (let end; isHttp !== undefined && (end = buffer.indexOf(separator)) >= 0;) {
      const message = buffer.slice(0, end);
      buffer = buffer.slice(end + separator.length);
      socket.write(isHttp ? `HTTP/1.1 204 ${message.length}\r\n\r\n` : `+${message}\r\n`);
    }
  });
});
