// BROKEN: after "100 Continue" the body is what the next 'data' event brings; a client that does not wait
// has sent it already, behind the header, where it is dropped.

import { serve } from './serve.mjs';

serve((socket) => {
  let head = '';
  let length = 0;
  let body = '';
  socket.setEncoding('latin1');
  socket.on('data', (data) => {
    if (length === 0) {
      head += data;
      if (!head.includes('\r\n\r\n')) {
        return;
      }
      length = Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0);
      head = '';
      socket.write(
        length > 0 ? 'HTTP/1.1 100 Continue\r\n\r\n' : 'HTTP/1.1 204 No Content\r\n\r\n',
      );
      return;
    }
    body += data;
    if (body.length >= length) {
      socket.write(`HTTP/1.1 201 Created\r\nX-Body: ${body.slice(0, length)}\r\n\r\n`);
      body = '';
      length = 0;
    }
  });
});
