// The public types of an entry, out of the emitted declaration files: every exported name, and every
// declaration that one of them leads to. Comments are left out, so that only the types count.
// It relies on how tsc prints declarations: a statement begins in the first column.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface Declared {
  readonly name: string;
  readonly file: string;
  readonly text: string;
}

interface DeclarationFile {
  /** Name → its statements; several for overloads. */
  readonly own: ReadonlyMap<string, readonly string[]>;
  /** Local name → where it comes from. */
  readonly from: ReadonlyMap<string, { readonly file: string; readonly name: string }>;
  readonly exported: readonly string[];
}

const statementStart = /^(?:import|export|declare|type|interface|abstract|class|const|function)\b/;
const declaration =
  /^(export )?(?:declare )?(?:abstract )?(?:class|interface|type|function|const) (?!\{)(\w+)/;
const fromClause = /^(import|export)(?: type)? \{([^}]*)\} from '(\.[^']+)';/;

function withoutComments(text: string): string {
  return text.replaceAll(/^\s*\/\*\*?[\s\S]*?\*\/\s*?\n/gm, '').replaceAll(/^\s*\/\/.*\n/gm, '');
}

function statementsOf(text: string): string[] {
  const statements: string[] = [];
  for (const line of withoutComments(text).split('\n')) {
    if (statementStart.test(line)) {
      statements.push(line);
    } else if (statements.length > 0) {
      statements.push(`${statements.pop()}\n${line}`);
    }
  }
  return statements.map((statement) => statement.trimEnd());
}

function readDeclarations(file: string): DeclarationFile {
  const own = new Map<string, string[]>();
  const from = new Map<string, { file: string; name: string }>();
  const exported: string[] = [];
  for (const statement of statementsOf(readFileSync(file, 'utf8'))) {
    const [, verb, names = '', target = ''] = fromClause.exec(statement) ?? [];
    for (const each of names.split(',').filter((name) => name.trim() !== '')) {
      const [name = '', alias = name] = each.trim().split(' as ');
      from.set(alias, { file: declarationFile(join(dirname(file), target)), name });
      if (verb === 'export') {
        exported.push(alias);
      }
    }
    const [, isExported, name] = declaration.exec(statement) ?? [];
    if (name === undefined) {
      continue;
    }
    own.set(name, [...(own.get(name) ?? []), statement]);
    if (isExported !== undefined && !exported.includes(name)) {
      exported.push(name);
    }
  }
  return { own, from, exported };
}

function declarationFile(path: string): string {
  return path.replace(/(?:\.d)?\.[jt]s$/, '.d.ts');
}

/** Follows names through files, each file read once. */
class Surface {
  readonly #files = new Map<string, DeclarationFile>();
  readonly found = new Map<string, Declared>();

  fileOf(file: string): DeclarationFile {
    const known = this.#files.get(file) ?? readDeclarations(file);
    this.#files.set(file, known);
    return known;
  }

  visit(file: string, name: string): void {
    const { own, from } = this.fileOf(file);
    const imported = from.get(name);
    if (imported !== undefined) {
      this.visit(imported.file, imported.name);
      return;
    }
    const statements = own.get(name);
    const key = `${name} ${file}`;
    if (statements === undefined || this.found.has(key)) {
      return;
    }
    const text = statements.join('\n');
    this.found.set(key, { name, file, text });
    for (const word of new Set(text.match(/\b[A-Za-z_]\w*\b/g))) {
      if (own.has(word) || from.has(word)) {
        this.visit(file, word);
      }
    }
  }
}

/** All public types that begin at this declaration file, as one text. */
export function publicTypes(entry: string): string {
  const surface = new Surface();
  const { exported } = surface.fileOf(entry);
  for (const name of exported) {
    surface.visit(entry, name);
  }
  const names = exported.toSorted();
  const declarations = [...surface.found.values()]
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ text }) => text);
  return `${names.map((name) => `exports ${name}`).join('\n')}\n\n${declarations.join('\n\n')}\n`;
}
