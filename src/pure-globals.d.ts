// All that the pure part of the library may know of its host. Everything else that is global in
// Node or a browser (Buffer, setTimeout, process, ...) does not exist under tsconfig.pure.json.

declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>;
  encodeInto(text: string, target: Uint8Array): { read: number; written: number };
}

declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(bytes?: Uint8Array): string;
}
