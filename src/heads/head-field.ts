// A decoded head: what stands at the front of a frame, as a tree of named fields.

export interface HeadField {
  readonly name: string;
  /** Offset of its first byte in the stream of the direction, and length in bytes. Bits have those of their group. */
  readonly offset: number;
  readonly length: number;
  /**
   * A number, a text, or the fields inside. Bytes are hex, numbers above 2^53 are decimal text, lists and other
   * objects are JSON.
   */
  readonly value: number | string | boolean | readonly HeadField[];
}

/** Where one field stands: names of the two properties of a parsed head that have its start and its end. */
export interface FieldPlan {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** The fields inside of it. */
  readonly inside?: readonly FieldPlan[];
}

/** A parser that also saves where its fields stand. */
export interface PlannedHead {
  readonly plan: readonly FieldPlan[];
  /** Reads a head. Throws where the bytes end too early. */
  readonly read: (bytes: Uint8Array) => object;
}
