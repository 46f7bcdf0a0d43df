// RIGHT: the HTTP server of Node.

import http from 'node:http';

http
  .createServer(async (request, response) => {
    let body = '';
    request.setEncoding('latin1');
    for await (const part of request) {
      body += part;
    }
    response.sendDate = false;
    response.end(`${request.method} ${request.url}: ${body.length} ${body}`);
  })
  .listen(Number(process.argv[2]), '127.0.0.1');
