// The scene of echo: what goes wrong in the program of the course, what server.ts does in the same
// situations, and how a listener is started and stopped.

import { once } from 'node:events';
import { connect } from 'node:net';
import { framed, lengthPrefixed } from '../../src/entries/main.ts';
import { PlainSocket } from '../support/plain-socket.ts';
import type { Stage, StartedProgram } from '../support/stage.ts';

/** Time in ms for which we watch the client of the course wait for an answer that cannot come. */
const WATCHED_MS = 300;

export async function play(stage: Stage): Promise<void> {
  stage.say('The echo of the course: one recv(1024) is taken for one message.');
  await playEmptyMessage(stage);
  await playBye(stage);
  stage.say('\nThe echo on unstick: a message is a message.');
  await playConversations(stage);
  await playBothWaiting(stage);
  stage.say('\nStarting and stopping.');
  await playListener(stage);
}

async function playEmptyMessage(stage: Stage): Promise<void> {
  const { server, port } = await stage.serve('naive-server.ts', [], { name: 'server' });
  const client = stage.start('naive-client.ts', ['--port', port], { name: 'client' });
  client.type('hello\n');
  await client.line('recv gave "HELLO"');
  client.type('\n');
  await client.line('sent 0 bytes');
  const heard = await client.line('recv gave', { patience: WATCHED_MS }).catch(() => undefined);
  stage.check(
    'the empty message: 0 bytes are sent, and both sides wait in recv, for ever',
    heard === undefined && !server.stdout.includes('recv gave ""'),
  );
  await Promise.all([client.end(), server.end()]);
}

async function playBye(stage: Stage): Promise<void> {
  const { server, port } = await stage.serve('naive-server.ts', [], { name: 'server' });
  const stuck = await PlainSocket.connect(port);
  stuck.send('see youbye'); // send('see you'), send('bye'): stuck together (粘包).
  await server.line('recv gave "see youbye"');
  const answer = await stuck.recv(1024);
  stage.check(
    '"see you" and "bye" in one recv: the bye is not seen, the server goes on',
    String(answer) === 'SEE YOUBYE',
  );
  stuck.end();
  await server.line('the conversation is over');
  const half = await PlainSocket.connect(port);
  half.send('good'); // send('goodbye'), delivered in two pieces (半包).
  await server.line('recv gave "good"');
  half.send('bye');
  await server.line('recv gave "bye"');
  await server.line('the conversation is over');
  stage.check('"goodbye" in two pieces: the server hears bye, and hangs up', true);
  half.close();
  await server.end();
}

async function playConversations(stage: Stage): Promise<void> {
  const { server, port } = await stage.serve();
  const ann = stage.start('client.ts', ['--port', port], { name: 'ann' });
  const bob = stage.start('client.ts', ['--port', port], { name: 'bob' });
  await Promise.all([ann.line('connected'), bob.line('connected')]);
  ann.type('hello\n');
  await ann.line(/^HELLO$/);
  bob.type('你好, many clients at once\n');
  await bob.line('你好, MANY CLIENTS AT ONCE');
  stage.check('two clients are answered in turn, neither waits for the other to leave', true);
  ann.type('\ngoodbye\nsee youbye\n');
  await ann.line('(an empty message)');
  await ann.line(/^GOODBYE$/);
  await ann.line(/^SEE YOUBYE$/);
  stage.check('the empty message is a message; "goodbye" is not "bye"', true);
  ann.type('bye\n');
  const { code } = await ann.ended;
  await server.line('said bye');
  stage.check('after "bye" the server ends the connection, and the client ends', code === 0);
  await playCutBye(stage, { server, port });
  bob.endInput();
  await bob.ended;
  await server.line(/client \d left/);
  stage.check('a client that leaves is the end of the stream (recv of 0 bytes), no error', true);
  await server.end();
}

async function playCutBye(
  stage: Stage,
  { server, port }: { server: StartedProgram; port: number },
): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  socket.on('error', () => undefined); // The server may close while this socket still writes.
  await once(socket, 'connect');
  for (const byte of Buffer.concat(lengthPrefixed().encode(Buffer.from('bye')))) {
    socket.write(Uint8Array.of(byte));
    await new Promise(setImmediate);
  }
  await server.line(/client 3 said bye/);
  stage.check('"bye", sent byte by byte, is "bye"', true);
  socket.destroy();
}

/** Lets both sides wait to receive, a common deadlock: each program waits for the other to speak. */
async function playBothWaiting(stage: Stage): Promise<void> {
  const { server, port } = await stage.serve();
  const client = framed(connect(port, '127.0.0.1'));
  const error = await client.receive({ timeout: WATCHED_MS }).catch(String);
  stage.say(`  me        │ ${String(error)}`);
  await client.send(Buffer.from('then I speak first'));
  const answer = await client.receive({ timeout: 60_000 });
  stage.check(
    'both wait to receive: receive({ timeout }) fails in time, and the connection still works',
    String(error).includes('ConnectionError') && String(answer) === 'THEN I SPEAK FIRST',
  );
  await client.close();
  await server.end();
}

async function playListener(stage: Stage): Promise<void> {
  const { server, port } = await stage.serve();
  const client = stage.start('client.ts', ['--port', port]);
  await client.line('connected');

  const second = await stage.start('server.ts', ['--port', port], { name: 'second' }).ended;
  stage.check('a second server on the port is told so, in one line', isOneLine(second));

  server.child.kill('SIGQUIT');
  await server.line('the listener is closed');
  const late = await stage.start('client.ts', ['--port', port], { name: 'late' }).ended;
  stage.check('connection refused is said in one line, exit code 1', isOneLine(late));
  client.type('still here\n');
  await client.line('STILL HERE');
  stage.check('the listener is closed, and the client that was here goes on', true);

  // The server ends first, so its side of the connection stays in TIME_WAIT on this port.
  await server.end();
  await client.ended;
  const again = await stage.serve('server.ts', ['--port', port], { name: 'again' });
  const back = stage.start('client.ts', ['--port', port], { name: 'back' });
  back.type('same port\nbye\n');
  await back.line('SAME PORT');
  await back.ended;
  stage.check('a restarted server listens on the same port at once', again.port === port);
  await again.server.end();
}

function isOneLine({ code, stderr }: { code: number | null; stderr: string }): boolean {
  return code === 1 && stderr.trim().split('\n').length === 1;
}
