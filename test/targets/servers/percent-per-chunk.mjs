// BROKEN: decodes %XX in each chunk. The only one in a long form stands far behind, and a cut inside it leaves its
// parts as they are.
import { serve } from './serve.mjs';

serve((socket) => {
  let form = '';
  socket.on('data', (chunk) => {
    form += chunk
      .toString('latin1')
      .replaceAll(/%([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
    for (let at = form.indexOf('\n'); at >= 0; at = form.indexOf('\n')) {
      socket.write(`${at}: ${form.slice(Math.max(0, at - 30), at)}\n`);
      form = form.slice(at + 1);
    }
  });
});
