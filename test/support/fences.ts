import { globSync, readFileSync } from 'node:fs';

/** A fenced block of a page or of a JSDoc comment. */
export interface Fence {
  readonly file: string;
  /** Line of its first line of code, from 1. */
  readonly line: number;
  readonly language: string;
  /** What follows the language on the opening line: `no-run`. */
  readonly info: string;
  readonly code: string;
}

/** All fences of a page. */
function fencesOf(file: string, text: string): Fence[] {
  const found: Fence[] = [];
  let open: { line: number; language: string; info: string; tail: string; code: string[] } | undefined;
  const isSource = file.endsWith('.ts');
  for (const [index, raw] of text.split('\n').entries()) {
    const line = isSource ? inComment(raw) : raw;
    if (line === undefined) open = undefined;
    else if (open === undefined) {
      const [, tail, language, info] = /^\s*(`{3,})(\w+)[ \t]*(.*)$/.exec(line) ?? [];
      if (tail && language) open = { line: index + 2, language, info: info?.trim() ?? '', tail, code: [] };
    } else if (line.trim() === open.tail) {
      const { tail: _, code, ...rest } = open;
      found.push({ file, ...rest, code: code.join('\n') });
      open = undefined;
    } else open.code.push(line);
  }
  return found;
}

/** The text of a line of a JSDoc comment; undefined outside of one. */
function inComment(line: string): string | undefined {
  return /^\s*\*(?!\/) ?(.*)$/.exec(line)?.[1];
}

/** Every page and source file whose fences run, in a stable order. */
function documentedFiles(): string[] {
  return globSync(['README.md', 'docs/**/*.md', 'lib/**/*.ts', 'operators/**/*.ts'])
    .map((path) => path.replaceAll('\\', '/'))
    .toSorted();
}

/** Every fence of a language, in the order of the files. */
export function allFences(language: string): Fence[] {
  return documentedFiles()
    .flatMap((file) => fencesOf(file, readFileSync(file, 'utf8')))
    .filter((fence) => fence.language === language);
}
