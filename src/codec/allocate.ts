// Makes memory and views of the same class as a given chunk. A decoder that gets Buffers must return Buffers,
// but pure code does not know Buffer, so it asks the class of the chunk. The class Buffer has
// allocUnsafeSlow. The memory that allocUnsafeSlow makes is not zeroed, and it does not come from the pool
// that Buffers share. So a frame that a caller keeps does not keep the bytes of other frames alive.

import type { Bytes } from './byte-types.ts';

interface AllocatingClass {
  allocUnsafeSlow(length: number): Bytes;
}

function canAllocate(constructor: unknown): constructor is AllocatingClass {
  return typeof constructor === 'function' && 'allocUnsafeSlow' in constructor;
}

/** Makes an array of `length` bytes, of the class of `chunk`. Its bytes need not be zero. */
export function allocateLike(chunk: Uint8Array, length: number): Bytes {
  return canAllocate(chunk.constructor)
    ? chunk.constructor.allocUnsafeSlow(length)
    : new Uint8Array(length);
}

/**
 * Whether both arrays have the same class, so that one can replace the other. Only a Buffer may replace a
 * Buffer.
 */
export function isSameClass(a: Uint8Array, b: Uint8Array): boolean {
  return a.constructor === b.constructor;
}

/** What the constructor of a class of typed arrays needs to make a view: the memory, and where the view lies. */
export type ViewArguments = [memory: ArrayBufferLike, offset: number, length: number];

/** A class of typed arrays whose constructor makes a view of given memory. */
export type ViewClass = new (...args: ViewArguments) => Bytes;

function isViewClass(species: unknown): species is ViewClass {
  return typeof species === 'function';
}

/**
 * Returns the class of which `chunk.subarray` makes its result: the species of the class of `chunk`. For a
 * Buffer the species is an internal class of Node.
 */
export function viewClassOf(chunk: Uint8Array): ViewClass {
  const species: unknown = Reflect.get(chunk.constructor, Symbol.species);
  return isViewClass(species) ? species : Uint8Array;
}

/**
 * Whether the constructor of `viewClass`, the class of the views of `chunk`, does only what the constructor of
 * Uint8Array does. This is so for the internal class of Node, and not for a subclass that a caller wrote.
 */
export function isBareClass(viewClass: ViewClass, { constructor }: Uint8Array): boolean {
  return viewClass === Uint8Array || (viewClass !== constructor && canAllocate(constructor));
}

/**
 * Makes a view of the class `viewClass`. If the class is bare, this does not run its constructor: V8 makes slow
 * calls of the `super` in it when they were inlined into a `try` or a `for…of`, and when a process has views of
 * two classes. Views of Buffers then took 23 and 30 ns instead of 15, on Node 20, 24 and 26. (`subarray` of a
 * Buffer takes 36 ns on Node 20 and 24 ns on the others.) V8 makes no array for the rest parameters.
 */
export function makeView(viewClass: ViewClass, isBare: boolean, ...args: ViewArguments): Bytes {
  return isBare ? Reflect.construct(Uint8Array, args, viewClass) : new viewClass(...args);
}
