// The stage of the demo's scenes: prints in the chosen language, and has the claims.

import type { Claims } from '../../support/claims.ts';
import { columnsOf, fit, NAME_COLUMNS, pad, paint } from '../../support/ink.ts';
import type { Style } from '../../support/ink.ts';
import type { Words } from './words.ts';

export class Stage {
  readonly words: Words;
  readonly claims: Claims;
  /** Width of a line in columns. */
  readonly width: number;
  readonly print: (line?: string) => void;

  constructor(given: {
    words: Words;
    claims: Claims;
    width: number;
    print: (line?: string) => void;
  }) {
    this.words = given.words;
    this.claims = given.claims;
    this.width = given.width;
    this.print = given.print;
  }

  title(number: number, text: string): void {
    const rule = '─'.repeat(Math.max(0, this.width - columnsOf(text) - 7));
    this.print();
    this.print(`${paint('bold', `━━ ${number} ${text}`)} ${paint('dim', rule)}`);
  }

  /** A line of the program that the scene is about, and a remark. */
  code(code: string, remark: string): void {
    this.print(`  ${paint('cyan', pad(code, 46))}${paint('dim', remark)}`);
  }

  lines(lines: readonly string[]): void {
    for (const line of lines) {
      this.print(line);
    }
  }

  /** Pads a name to the width of the left column. */
  name(name: string): string {
    return paint('dim', pad(name, NAME_COLUMNS));
  }

  /** Prints a name, a value that is cut to fit the line, and a remark. */
  entry(name: string, value: string, looks: { style?: Style; remark?: string } = {}): void {
    const { style = [], remark = '' } = looks;
    const end = remark === '' ? '' : `  ${remark}`;
    const room = this.width - NAME_COLUMNS - 2 - columnsOf(end);
    this.print(`  ${this.name(name)}${paint(style, fit(value, room))}${paint('red', end)}`);
  }
}
