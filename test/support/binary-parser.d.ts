// Types for binary-parser. The types of its version 2.3.0 do not resolve from ESM under nodenext, and leave
// out the result of `parse`.

declare module 'binary-parser' {
  /** `H` is the type of what `parse` returns. */
  export class Parser<H = unknown> {
    endianness(order: 'big' | 'little'): this;
    uint8(name: string, options?: FieldOptions): this;
    uint16(name: string, options?: FieldOptions): this;
    uint16le(name: string, options?: FieldOptions): this;
    uint32(name: string, options?: FieldOptions): this;
    uint32le(name: string, options?: FieldOptions): this;
    uint64(name: string, options?: FieldOptions): this;
    bit1(name: string, options?: FieldOptions): this;
    bit2(name: string, options?: FieldOptions): this;
    bit3(name: string, options?: FieldOptions): this;
    bit4(name: string, options?: FieldOptions): this;
    bit7(name: string, options?: FieldOptions): this;
    bit10(name: string, options?: FieldOptions): this;
    bit12(name: string, options?: FieldOptions): this;
    bit24(name: string, options?: FieldOptions): this;
    bit31(name: string, options?: FieldOptions): this;
    nest(name: string, options: { readonly type: Parser }): this;
    buffer(name: string, options: { readonly length: number; readonly clone?: boolean }): this;
    string(name: string, options: { readonly length: number; readonly stripNull?: boolean }): this;
    create(constructor: new () => H): this;
    sizeOf(): number;
    parse(bytes: Uint8Array): H;
  }
  interface FieldOptions {
    readonly assert?: number | string | ((value: number) => boolean);
  }
}
