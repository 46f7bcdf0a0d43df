// BROKEN: chunked encoding; behind each chunk it skips two bytes, whether they have come or not.

import { serve } from './serve.mjs';

serve((socket) => {
  let buffer = '';
  let body = '';
  let inHead = true;
  socket.setEncoding('latin1');
  socket.on('data', (data) => {
    buffer += data;
    for (;;) {
      const end = buffer.indexOf(inHead ? '\r\n\r\n' : '\r\n');
      if (end < 0) {
        return;
      }
      if (inHead) {
        buffer = buffer.slice(end + 4);
        inHead = false;
        continue;
      }
      const size = Number.parseInt(buffer.slice(0, end), 16);
      if (buffer.length < end + 2 + size) {
        return;
      }
      body += buffer.slice(end + 2, end + 2 + size);
      buffer = buffer.slice(end + 2 + size + 2);
      if (!(size > 0)) {
        const text = `${body.length} ${body}`;
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`);
        body = '';
        inHead = true;
      }
    }
  });
});
