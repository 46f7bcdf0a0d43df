// Makes a parser of binary-parser save where its fields begin and end. binary-parser itself gives values
// only.
//
//   uint8 type, uint32 length   ─▶   save $at0, uint8 type, save $at1, uint32 length, save $at2
//
// A parser is a list of nodes. This file makes a list of copies with nodes of `saveOffset` in between, and
// leaves the parser of the caller as it is. Bits that share bytes are one group, in which no node is
// inserted. The package is not imported: new nodes are made with the class of the given parser.

import type { FieldPlan, PlannedHead } from './head-field.ts';

/** The properties of a parser of binary-parser 2 that this file uses. */
interface ParserNode {
  readonly type: string;
  readonly varName: string;
  readonly options?: { readonly type?: unknown };
  readonly next?: ParserNode | undefined;
}

export interface BinaryParser extends ParserNode {
  parse(bytes: Uint8Array): unknown;
  getCode(): string;
}

/** Maximum number of fields of a head, nested fields included. Fields beyond this number are left out. */
const MAX_FIELDS = 200;

export function isBinaryParser(given: unknown): given is BinaryParser {
  return (
    typeof given === 'object' &&
    given !== null &&
    'varName' in given &&
    'getCode' in given &&
    typeof given.getCode === 'function' &&
    'saveOffset' in given &&
    typeof given.saveOffset === 'function'
  );
}

interface Instrumented {
  readonly parser: BinaryParser;
  readonly plan: readonly FieldPlan[];
}

class Instrument {
  #saved = 0;
  #fields = 0;

  /** Makes a copy of the parser that saves offsets, and the plan of its fields. */
  copy(parser: BinaryParser): Instrumented {
    const nodes: ParserNode[] = [];
    const plan: FieldPlan[] = [];
    let from = this.#save(parser, nodes);
    for (const group of groupsOf(parser)) {
      const inside = group.map((node) => this.#node(node));
      nodes.push(...inside.map(({ node }) => node));
      const to = this.#save(parser, nodes);
      for (const { node, fields } of inside) {
        plan.push(...this.#planOf(node, { from, to, fields }));
      }
      from = to;
    }
    return { parser: linked(parser, nodes), plan };
  }

  /**
   * Returns a copy of a node. If the node nests a parser, the copy nests an instrumented parser, and `fields`
   * has the fields of that parser.
   */
  #node(node: ParserNode): { readonly node: ParserNode; readonly fields?: readonly FieldPlan[] } {
    const nested = node.type === 'nest' ? node.options?.type : undefined;
    if (!isBinaryParser(nested)) {
      return { node: copyOf(node, {}) };
    }
    const { parser, plan } = this.copy(nested);
    return { node: copyOf(node, { options: { ...node.options, type: parser } }), fields: plan };
  }

  #planOf(
    { varName }: ParserNode,
    place: { from: string; to: string; fields: readonly FieldPlan[] | undefined },
  ): readonly FieldPlan[] {
    const { from, to, fields } = place;
    this.#fields++;
    if (this.#fields > MAX_FIELDS) {
      return [];
    }
    if (varName === '') {
      // A nested parser without a name puts its fields into the head around it.
      return fields ?? [];
    }
    return [{ name: varName, from, to, ...(fields === undefined ? {} : { inside: fields }) }];
  }

  /** Adds a node that saves the offset, and returns the name of the property that will hold the offset. */
  #save(parser: BinaryParser, nodes: ParserNode[]): string {
    const name = `$at${this.#saved++}`;
    const Parser = parser.constructor as new () => { saveOffset(name: string): ParserNode };
    const { next } = new Parser().saveOffset(name);
    if (next !== undefined) {
      nodes.push(next);
    }
    return name;
  }
}

function isBit({ type }: ParserNode): boolean {
  return type === 'bit';
}

/** Returns the nodes in order. Fields of bits that follow each other are in one group. */
function groupsOf(parser: BinaryParser): readonly ParserNode[][] {
  const groups: ParserNode[][] = [];
  for (let node = parser.next; node !== undefined; node = node.next) {
    const last = groups.at(-1);
    if (last?.[0] !== undefined && isBit(last[0]) && isBit(node)) {
      last.push(node);
    } else {
      groups.push([node]);
    }
  }
  return groups;
}

function copyOf<N extends ParserNode>(node: N, changes: Partial<ParserNode>): N {
  const prototype: object = Object.getPrototypeOf(node);
  return Object.assign(Object.create(prototype), node, changes);
}

/** Returns a copy of the root, followed by these nodes. binary-parser will compile the copy anew. */
function linked(root: BinaryParser, nodes: readonly ParserNode[]): BinaryParser {
  let next: ParserNode | undefined;
  for (const node of nodes.toReversed()) {
    next = copyOf(node, { next });
  }
  return Object.assign(copyOf(root, { next }), { compiled: undefined });
}

/**
 * Returns a copy of a parser that also saves the place of each field, and the plan by which these places are
 * found.
 */
export function instrumented(parser: BinaryParser): Instrumented {
  return new Instrument().copy(parser);
}

/** Makes a PlannedHead of a parser: its plan, and a function that reads a head. */
export function plannedHead(parser: BinaryParser): PlannedHead {
  const { parser: saving, plan } = instrumented(parser);
  return {
    plan,
    read(bytes) {
      const head: unknown = saving.parse(bytes);
      return typeof head === 'object' && head !== null ? head : {};
    },
  };
}
