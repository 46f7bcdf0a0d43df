// Whether a value is bytes, also those of another realm (a vm context, jsdom, an iframe). Pure.

/** A Uint8Array or a class made of it, such as Buffer; `instanceof` would refuse other realms. */
export function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && Reflect.get(value, Symbol.toStringTag) === 'Uint8Array';
}
