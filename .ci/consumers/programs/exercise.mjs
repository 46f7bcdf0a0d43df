// What every test runner tries: a server and a client on a real socket.

export async function echo({ dial, lengthPrefixed, serve }) {
  const server = serve(lengthPrefixed(), async (connection) => {
    for await (const frame of connection) await connection.send(frame);
  });
  await server.ready;
  const connection = await dial(lengthPrefixed(), { port: server.port });
  await connection.send(Buffer.from('sticky'));
  const answer = String(await connection.receive());
  await connection.close();
  await server.close();
  return answer;
}
