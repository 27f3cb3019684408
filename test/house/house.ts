import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { type ParseResult, parseSync, type Span } from 'oxc-parser';

import { lineAt } from '../support/lines.js';

/** A file as the rules see it: where it is, with `/`, and what it says. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** A broken rule: where, and what to do about it. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly what: string;
}

/** A rule of the house, as a function of its files. */
export interface Rule {
  /** The statement that holds when nothing is found. */
  readonly says: string;
  check(house: House): Finding[];
}

/** All files of the project. */
export class House {
  readonly files: readonly Source[];
  readonly #byPath: Map<string, Source>;
  readonly #parsed = new Map<string, ParseResult>();

  constructor(files: readonly Source[]) {
    this.files = files;
    this.#byPath = new Map(files.map((file) => [file.path, file]));
  }

  get(path: string): Source | undefined {
    return this.#byPath.get(path);
  }

  has(path: string): boolean {
    return this.#byPath.has(path);
  }

  /** Files whose path matches, in the order of their paths. */
  matching(pattern: RegExp): Source[] {
    return this.files.filter(({ path }) => pattern.test(path));
  }

  /** The syntax tree of a TypeScript or JavaScript file. */
  parse({ path, text }: Source): ParseResult {
    const known = this.#parsed.get(path) ?? parseSync(path, text);
    this.#parsed.set(path, known);
    return known;
  }
}

/** The sources that users install. */
export const SHIPPED: RegExp = /^(lib|operators)\/.*\.ts$/;

/** The same without the entries, which only re-export. */
export const isEntry = (path: string): boolean => /(^|\/)index\.ts$/.test(path);

export const slugOf = (path: string): string => path.replace(/^.*\//, '').replace(/\..*$/, '');

export const camel = (slug: string): string => slug.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

/** A finding at an offset of a file. */
export function at({ path, text }: Source, offset: number, what: string): Finding {
  return { path, line: lineAt(text, offset), what };
}

/** The JSDoc right before a node; undefined when there is none. */
export function jsdocBefore(house: House, file: Source, node: Span): (Span & { readonly value: string }) | undefined {
  const { comments } = house.parse(file);
  return comments.find(
    ({ type, value, end }) =>
      type === 'Block' && value.startsWith('*') && end <= node.start && file.text.slice(end, node.start).trim() === '',
  );
}

const ignored = new Set(['node_modules', 'dist', '.git', '.cache', 'coverage']);

/** Reads the house from a folder. Files that are no text are listed with an empty text. */
export function readHouse(root: string): House {
  const files: Source[] = [];
  const enter = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (ignored.has(entry.name) || /\.(log|tgz)$/.test(path)) continue;
      if (entry.isDirectory()) enter(path);
      else files.push({ path, text: readFileSync(join(root, path), 'utf8') });
    }
  };
  enter('');
  return new House(files.toSorted((a, b) => (a.path < b.path ? -1 : 1)));
}
