// The loops that people write by hand, with which all contenders are compared.

import { Transform } from 'node:stream';

/**
 * The hand-written receive loop. It makes a view of each frame, and keeps the chunks of an unfinished frame.
 */
export function subarrayLoop(onFrame: (frame: Buffer) => void): (chunk: Buffer) => void {
  return loop((chunk, start, end) => onFrame(chunk.subarray(start, end)));
}

/** The receive loop without an object for each frame. */
export function loop(
  onFrame: (chunk: Buffer, start: number, end: number) => void,
): (chunk: Buffer) => void {
  let pending: Buffer[] = [];
  let need = 0;
  let have = 0;
  return (given) => {
    let chunk = given;
    if (pending.length > 0) {
      pending.push(chunk);
      have += chunk.length;
      if (have < need) {
        return;
      }
      chunk = Buffer.concat(pending, have);
      pending = [];
    }
    need = 4;
    let at = 0;
    while (chunk.length - at >= 4) {
      const length = chunk.readUInt32BE(at);
      if (chunk.length - at - 4 < length) {
        need = length + 4;
        break;
      }
      onFrame(chunk, at + 4, at + 4 + length);
      at += 4 + length;
    }
    if (at === chunk.length) {
      return;
    }
    const rest = chunk.subarray(at);
    pending = [rest];
    have = rest.length;
  };
}

/** A plain object-mode Transform with the loop inside. */
export function loopTransform(): Transform {
  const push = subarrayLoop((frame) => transform.push(frame));
  const transform = new Transform({
    readableObjectMode: true,
    transform(chunk: Buffer, _encoding, done) {
      push(chunk);
      done();
    },
  });
  return transform;
}

interface Header {
  readonly id?: number;
  readonly bodyLength: number;
}

/** A hand-written loop for length, JSON header and body. It trusts the sender: it checks neither. */
export function messageLoop(
  onMessage: (header: Header, body: Buffer) => void,
): (chunk: Buffer) => void {
  let pending: Buffer[] = [];
  let need = 0;
  let have = 0;
  return (given) => {
    let chunk = given;
    if (pending.length > 0) {
      pending.push(chunk);
      have += chunk.length;
      if (have < need) {
        return;
      }
      chunk = Buffer.concat(pending, have);
      pending = [];
    }
    need = 4;
    let at = 0;
    while (chunk.length - at >= need) {
      const bodyStart = at + 4 + chunk.readUInt32BE(at);
      need = bodyStart - at;
      if (chunk.length < bodyStart) {
        break;
      }
      const header: Header = JSON.parse(chunk.toString('utf8', at + 4, bodyStart));
      const end = bodyStart + header.bodyLength;
      need = end - at;
      if (chunk.length < end) {
        break;
      }
      onMessage(header, chunk.subarray(bodyStart, end));
      at = end;
      need = 4;
    }
    if (at === chunk.length) {
      return;
    }
    const rest = chunk.subarray(at);
    pending = [rest];
    have = rest.length;
  };
}
