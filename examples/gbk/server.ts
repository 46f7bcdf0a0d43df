// The GBK server: answers each message with its encoding, its lengths in characters and bytes, and its text.
// It reads UTF-8 and GBK. By default it writes GBK, as a server on a Chinese Windows would.
//
//   npx tsx examples/gbk/server.ts --port 9004 --encoding gbk

import { lengthPrefixed, serve } from '../../src/entries/main.ts';
import {
  portOf,
  readArgs,
  runProgram,
  sayWhatFailed,
  untilAskedToEnd,
} from '../support/program.ts';
import { decodeText, encodeText, encodingOf } from './text.ts';
import type { Encoding } from './text.ts';

const MAX_MESSAGE_LENGTH = 64 * 1024;

function answerTo(message: Uint8Array, encoding: Encoding): Uint8Array {
  const said = decodeText(message); // The message is whole, whatever recv() gave.
  if (said === undefined) {
    return encodeText('既不是 UTF-8，也不是 GBK', encoding);
  }
  const about = `${said.encoding}，${Array.from(said.text).length} 个字符，${message.length} 字节`;
  try {
    return encodeText(`${about}：${said.text}`, encoding);
  } catch {
    return encodeText(`${about}，其中有 GBK 里没有的字符`, encoding);
  }
}

await runProgram(async () => {
  const { values } = readArgs(
    'A server that reads UTF-8 and GBK, and answers in the encoding of --encoding.',
    {
      options: {
        port: { type: 'string', default: '9004' },
        encoding: { type: 'string', default: 'gbk' },
      },
    },
  );
  const encoding = encodingOf(values.encoding);
  const read = lengthPrefixed({ maxPayloadLength: MAX_MESSAGE_LENGTH });
  const server = serve(
    { read, write: lengthPrefixed() },
    async (client) => {
      for await (const message of client) {
        await client.send(answerTo(message, encoding));
      }
    },
    { port: portOf(values.port), onError: sayWhatFailed },
  );
  await server.ready;
  console.log(`listening on 127.0.0.1:${server.port}`);
  await untilAskedToEnd();
  await server.close();
});
