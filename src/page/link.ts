// The link that carries an input: in the fragment of the address, which a browser sends to no server. Pure.

export interface LinkInput {
  /** Word for the framing. */
  readonly frames: string;
  /** Bytes in hex with bars between pieces. Missing unless a person asked for them. */
  readonly hex?: string;
}

/** Maximum length of a fragment in characters. Longer links break in mail and chat programs. */
const MAX_LINK = 8000;

/** The fragment for an input, without #. Undefined if it is too long. */
export function makeLink({ frames, hex }: LinkInput): string | undefined {
  const words = new URLSearchParams({ frames });
  if (hex !== undefined) {
    words.set('hex', hex.replaceAll(/\s+/g, ''));
  }
  const link = words.toString();
  return link.length > MAX_LINK ? undefined : link;
}

/** The input in a fragment, with or without #. */
export function readLink(fragment: string): Partial<LinkInput> {
  const words = new URLSearchParams(fragment.replace(/^#/, '').slice(0, MAX_LINK));
  const frames = words.get('frames');
  const hex = words.get('hex');
  return { ...(frames === null ? {} : { frames }), ...(hex === null ? {} : { hex }) };
}

/** The pieces of bytes in hex; a bar ends a piece. Undefined if the text is no hex. */
export function readHex(text: string): readonly Uint8Array[] | undefined {
  const parts = text.split('|').map((part) => part.replaceAll(/0x|[\s_,:]/gi, ''));
  if (!parts.every((digits) => /^(?:[0-9a-f]{2})*$/i.test(digits))) {
    return undefined;
  }
  return parts
    .filter((digits) => digits !== '')
    .map((digits) =>
      Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)),
    );
}
