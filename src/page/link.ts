// The link that carries an input. The input is in the fragment of the address, which a browser sends to no
// server. This file is pure.

export interface LinkInput {
  /** Word for the framing. */
  readonly frames: string;
  /** Bytes in hex with bars between pieces. Missing if no person asked for the bytes. */
  readonly hex?: string;
}

/** Maximum length of a fragment in characters. Longer links break in mail and chat programs. */
const MAX_LINK = 8000;

/** Returns the fragment for an input, without #. Returns `undefined` if the fragment is too long. */
export function makeLink({ frames, hex }: LinkInput): string | undefined {
  const words = new URLSearchParams({ frames });
  if (hex !== undefined) {
    words.set('hex', hex.replaceAll(/\s+/g, ''));
  }
  const link = words.toString();
  return link.length > MAX_LINK ? undefined : link;
}

/** Returns the input in a fragment, which may begin with #. */
export function readLink(fragment: string): Partial<LinkInput> {
  const words = new URLSearchParams(fragment.replace(/^#/, '').slice(0, MAX_LINK));
  const frames = words.get('frames');
  const hex = words.get('hex');
  return { ...(frames === null ? {} : { frames }), ...(hex === null ? {} : { hex }) };
}
