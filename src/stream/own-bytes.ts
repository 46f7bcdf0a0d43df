// The option `copy`: makes a value share no memory with its chunk. Without it, a 16-byte view that the caller
// keeps would keep its 64 KiB chunk alive.

import { allocateLike } from '../codec/allocate.ts';

/** The value of the decoder, or an object or array inside that value. */
type Holder = Record<string, unknown>;

/**
 * Replaces all bytes in a value by copies, however deep they lie in objects and arrays, and returns the
 * value. An object that is not frozen is changed in place. A frozen array or frozen plain object is replaced
 * by a copy. Maps, Sets and private fields are not searched, and the fields of a frozen object of a class are
 * not replaced, so views in them stay. There is no recursion, because a JSON header may be nested very deep.
 */
export function ownBytes<T>(value: T): T {
  if (value instanceof Uint8Array) {
    return copyOf(value);
  }
  if (!isHolder(value)) {
    return value;
  }
  const root: { value: T & Holder } = { value };
  const owned = new Map<unknown, unknown>();
  const work: Holder[] = [root];
  for (let holder = work.pop(); holder !== undefined; holder = work.pop()) {
    for (const key of Object.keys(holder)) {
      const field = holder[key];
      if (typeof field !== 'object' || field === null) {
        continue;
      }
      if (owned.has(field)) {
        replace(holder, key, owned.get(field));
        continue;
      }
      const own = ownField(field);
      owned.set(field, own);
      replace(holder, key, own);
      if (isHolder(own)) {
        work.push(own);
      }
    }
  }
  return root.value;
}

function ownField(field: object): unknown {
  if (ArrayBuffer.isView(field)) {
    return copyOf(field);
  }
  if (field instanceof ArrayBuffer) {
    return field.slice(0);
  }
  if (!Object.isFrozen(field)) {
    return field;
  }
  if (Array.isArray(field)) {
    return [...field];
  }
  // An object of a class may have private fields, which a copy would lack, so leave such an object as it is.
  const prototype = Reflect.getPrototypeOf(field);
  const isPlain = prototype === null || prototype === Object.prototype;
  return isPlain ? Object.assign(Object.create(prototype), field) : field;
}

/** Puts the copy `own` into a field. Read-only fields and the fields of a frozen object stay as they are. */
function replace(holder: Holder, key: string, own: unknown): void {
  if (holder[key] !== own) {
    Reflect.set(holder, key, own);
  }
}

function isHolder(value: unknown): value is Holder {
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value);
}

function copyOf<V extends ArrayBufferView>(view: V): V {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const copy = allocateLike(view instanceof Uint8Array ? view : bytes, view.byteLength);
  copy.set(bytes);
  // For a Uint8Array, `allocateLike` made the copy in the right class. For any other view, make a new view of
  // the same class over the copied bytes.
  if (view instanceof Uint8Array) {
    return copy as Uint8Array & V;
  }
  const { buffer } = bytes.slice();
  return Reflect.construct(view.constructor, [buffer]);
}
