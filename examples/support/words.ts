// Splits a line into words as a shell does, with quotes and backslashes. It knows no variables, globs or
// pipes. Prompts and the allow-list use it.

export interface Words {
  readonly words: readonly string[];
  /** Whether a quote was opened and not closed, or the line ends in a backslash. */
  readonly open: boolean;
  /** Whether the last character of the last word is neither in quotes nor after a backslash. */
  readonly isPlainEnd: boolean;
}

/** Splits at spaces outside of quotes. With `comments`, a word that begins with # ends the line. */
export function splitWords(line: string, { comments = false } = {}): Words {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  let isPlainEnd = false;
  let isCut = false;
  for (let at = 0; at < line.length; at++) {
    const char = line.charAt(at);
    if (quote !== '') {
      if (char === quote) {
        quote = '';
      } else if (char === '\\' && quote === '"' && /["\\]/.test(line.charAt(at + 1))) {
        word = (word ?? '') + line.charAt(++at);
      } else {
        word = (word ?? '') + char;
      }
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
      isPlainEnd = false;
    } else if (/\s/.test(char)) {
      if (word !== undefined) {
        words.push(word);
      }
      word = undefined;
    } else if (char === '#' && comments && word === undefined) {
      break;
    } else if (char === '\\') {
      isCut = at + 1 === line.length;
      word = (word ?? '') + line.charAt(++at);
      isPlainEnd = false;
    } else {
      word = (word ?? '') + char;
      isPlainEnd = true;
    }
  }
  if (word !== undefined) {
    words.push(word);
  }
  return { words, open: quote !== '' || isCut, isPlainEnd };
}
