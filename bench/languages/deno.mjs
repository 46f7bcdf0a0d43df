// deno run --allow-net deno.mjs WAY PORT: Deno.listen, read into one buffer. WAY: place (each frame is looked at in the
// buffer) or value (a copy of each frame).

const READ = 65_536;
const LONGEST = 1 << 20;
const [way, port] = Deno.args;

async function serve(socket) {
  const buffer = new Uint8Array(4 + LONGEST + READ);
  const view = new DataView(buffer.buffer);
  let [frames, bytes, have] = [0, 0, 0];
  let n;
  while ((n = await socket.read(buffer.subarray(have, have + READ))) !== null) {
    have += n;
    let at = 0;
    while (have - at >= 4) {
      const length = view.getUint32(at);
      if (have - at - 4 < length) break;
      frames++;
      bytes += way === 'place' ? length : buffer.slice(at + 4, at + 4 + length).length;
      at += 4 + length;
    }
    buffer.copyWithin(0, at, have);
    have -= at;
  }
  socket.close();
  console.log(`${frames} ${bytes}`);
}

const server = Deno.listen({ hostname: '127.0.0.1', port: Number(port) });
console.log('READY');
for await (const socket of server) await serve(socket);
