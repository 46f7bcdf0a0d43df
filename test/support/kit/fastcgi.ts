// FastCGI: records whose head has two lengths, that of the content and that of the padding after it.

import { defineCodec } from '../../../src/codec/define-codec.ts';

// kit: fastcgi
export interface FcgiRecord {
  /** 1 begins a request, 4 has its parameters, 5 its input, 6 the output, 3 is the end. */
  readonly type: number;
  readonly requestId: number;
  readonly content: Uint8Array;
}

const HEAD_LENGTH = 8;
const VERSION = 1;
/** Padding makes the length of each record a multiple of this, which spares the receiver copies. */
const ALIGNMENT = 8;

export const fastCgi = defineCodec<FcgiRecord>({
  maxLength: HEAD_LENGTH + 0xffff + 0xff,
  encode({ type, requestId, content }) {
    if (content.length > 0xffff) {
      throw new RangeError('The length of a record has 16 bits');
    }
    const padding = new Uint8Array((ALIGNMENT - (content.length % ALIGNMENT)) % ALIGNMENT);
    const head = new DataView(new ArrayBuffer(HEAD_LENGTH));
    head.setUint8(0, VERSION);
    head.setUint8(1, type);
    head.setUint16(2, requestId);
    head.setUint16(4, content.length);
    head.setUint8(6, padding.length);
    return [new Uint8Array(head.buffer), content, padding];
  },
  next(queue) {
    const version = queue.byteAt(0);
    if (version !== undefined && version !== VERSION) {
      return queue.refuse('A record of FastCGI begins with version 1');
    }
    if (!queue.has(HEAD_LENGTH)) {
      return undefined;
    }
    const bytes = queue.peek(HEAD_LENGTH);
    const head = new DataView(bytes.buffer, bytes.byteOffset, HEAD_LENGTH);
    const length = head.getUint16(4);
    const paddingLength = head.getUint8(6);
    if (!queue.hasFrame(HEAD_LENGTH + length + paddingLength)) {
      return undefined;
    }
    queue.skip(HEAD_LENGTH);
    const content = queue.take(length);
    queue.skip(paddingLength);
    return { type: head.getUint8(1), requestId: head.getUint16(2), content };
  },
});
// end
