// A decoded head: the first bytes of a frame, as a tree of fields with names.

export interface HeadField {
  readonly name: string;
  /**
   * Offset of the first byte of the field in the stream of its direction, and `length` in bytes. A field of
   * bits has the offset and length of the whole group of bits.
   */
  readonly offset: number;
  readonly length: number;
  /**
   * A number, a boolean, a text, or the fields inside this field. Bytes are text in hex, bigints are decimal
   * text, and lists and other objects are JSON text.
   */
  readonly value: number | string | boolean | readonly HeadField[];
}

/**
 * How to find the place of one field. `from` and `to` name the properties of the parsed head that hold the
 * start and the end of the field.
 */
export interface FieldPlan {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** The fields inside this field. */
  readonly inside?: readonly FieldPlan[];
}

/** A parser that also saves the places of its fields. */
export interface PlannedHead {
  readonly plan: readonly FieldPlan[];
  /** Reads a head. Throws if the bytes end too early, or if the parser refuses them. */
  readonly read: (bytes: Uint8Array) => object;
}
