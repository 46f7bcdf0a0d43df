// Words for the search. Chinese has no spaces between its words, so a run of its characters becomes the pairs in
// it: 处理粘包 is found as 处理, 理粘 and 粘包. Index and question go through the same function.

function pairsIn(run: string): string {
  const characters = Array.from(run);
  const pairs = characters.slice(1).map((character, i) => `${characters[i]}${character}`);
  return ` ${(pairs.length === 0 ? characters : pairs).join(' ')} `;
}

/** The same text with spaces between what is searched as a word. */
export function searchTerms(text: string): string {
  return text.replaceAll(/\p{Script=Han}+/gu, pairsIn);
}

export interface Section {
  readonly anchor: string;
  /** Headings of the section, from the page down. */
  readonly titles: string[];
  readonly text: string;
}

const HEADING = /<h([1-6]) id="([^"]*)"[^>]*>(.*?)<a class="header-anchor"[^]*?<\/a><\/h\1>/gs;

function plain(html: string): string {
  return html
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** The sections of a page in HTML. */
export function* sectionsOf(html: string): Generator<Section> {
  const headings = [...html.matchAll(HEADING)];
  const above: string[] = [];
  for (const [i, heading] of headings.entries()) {
    const [whole, level = '1', anchor = '', inner = ''] = heading;
    const title = plain(inner);
    const depth = Number(level) - 1;
    above.length = Math.min(above.length, depth);
    above[depth] = title;
    const titles = above.filter(Boolean);
    const content = html.slice(heading.index + whole.length, headings[i + 1]?.index);
    yield { anchor, titles, text: searchTerms(`${title} ${plain(content)}`) };
  }
}
