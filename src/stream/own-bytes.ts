// The option `copy`: a value that shares no memory with the chunk it was found in. A kept 16-byte view
// otherwise keeps its 64 KiB chunk alive.

import { allocateLike } from '../codec/allocate.ts';

/** The value with its bytes copied: bytes themselves, or the fields of an object that are bytes. */
export function ownBytes<T>(value: T): T {
  if (value instanceof Uint8Array) {
    const copy = allocateLike(value, value.length);
    copy.set(value);
    // `T` is a class of bytes here, and allocateLike made one of the same class.
    return copy as T & Uint8Array;
  }
  if (typeof value !== 'object' || value === null) return value;
  for (const [key, field] of Object.entries(value)) {
    if (field instanceof Uint8Array) Object.assign(value, { [key]: ownBytes(field) });
  }
  return value;
}
