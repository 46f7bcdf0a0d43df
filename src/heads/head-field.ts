// A decoded head: the first bytes of a frame, as a tree of named fields.

export interface HeadField {
  readonly name: string;
  /**
   * Offset of the first byte of the field in the stream of the direction, and length in bytes. A field of
   * bits has the offset and length of the whole group of bits.
   */
  readonly offset: number;
  readonly length: number;
  /**
   * A number, a boolean, a text, or the fields inside. Bytes are text in hex, bigints are decimal text, and
   * lists and other objects are JSON text.
   */
  readonly value: number | string | boolean | readonly HeadField[];
}

/**
 * Where one field lies. `from` and `to` name the properties of the parsed head that hold its start and end.
 */
export interface FieldPlan {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** The fields inside this field. */
  readonly inside?: readonly FieldPlan[];
}

/** A parser that also saves where its fields lie. */
export interface PlannedHead {
  readonly plan: readonly FieldPlan[];
  /** Reads a head. Throws if the bytes end too early. */
  readonly read: (bytes: Uint8Array) => object;
}
