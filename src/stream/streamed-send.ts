// Sends one message whose body is a stream: its head, then the bytes as the source gives them. If the source
// gives more or fewer bytes than declared, the connection ends: the declared length is already on the wire,
// and the framing cannot take it back.

import { UsageError } from '../errors.ts';
import type { JsonObject } from '../message/json-header.ts';
import type { MessagePart } from '../message/message-parts.ts';
import type { BodySource } from './body-source.ts';
import { quantity } from '../text.ts';

/** The place where the parts of a message go. */
export interface PartSink {
  /**
   * Sends the head of a message. Encodes the header at once, because the caller may change its object later.
   */
  sendHead(header: JsonObject, bodyLength: number): Promise<void>;
  /** Sends a part. Its bytes belong to the library from now on. */
  sendPiece(part: MessagePart): Promise<void>;
  /** Ends the connection in the middle of the body, because of `error`. */
  breakOff(error: unknown): Promise<void>;
}

/** Sends the head and the body. `declared` is the length of the body in bytes. */
export async function sendStreamed(
  sink: PartSink,
  { header, declared }: { readonly header: JsonObject; readonly declared: number },
  source: BodySource,
): Promise<void> {
  await sink.sendHead(header, declared);
  try {
    await sendBody(sink, source, declared);
  } catch (error) {
    await sink.breakOff(error);
    throw error;
  }
}

async function sendBody(sink: PartSink, source: BodySource, declared: number): Promise<void> {
  let left = declared;
  let last: Uint8Array | undefined;
  for (;;) {
    const bytes = await source.next().catch((cause: unknown) => {
      throw mismatch('failed before it gave', declared, cause);
    });
    if (bytes === undefined) {
      break;
    }
    if (bytes.length === 0) {
      continue;
    }
    left -= bytes.length;
    // Hold back the bytes that complete the body until the source has ended: the source may give too many
    // bytes.
    if (left === 0) {
      last = bytes;
    } else if (left < 0) {
      throw mismatch('gave more than', declared);
    } else {
      await sink.sendPiece({ kind: 'body', bytes });
    }
  }
  // Sending the end puts no bytes on the wire. It throws if the connection is gone, so that the source is not
  // blamed for missing bytes below.
  await sink.sendPiece({ kind: 'end' });
  if (left > 0) {
    throw mismatch(`ended ${quantity(left, 'byte')} short of`, declared);
  }
  if (last !== undefined) {
    await sink.sendPiece({ kind: 'body', bytes: last });
  }
}

function mismatch(how: string, declared: number, cause?: unknown): UsageError {
  const facts = `The body's source ${how} the ${quantity(declared, 'byte')} that its length declares.`;
  return new UsageError('ERR_MESSAGE_BODY_MISMATCH', facts, { limit: declared, cause });
}
