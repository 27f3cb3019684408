import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { parseSync } from 'oxc-parser';
import { describe, expect, it } from 'vitest';

import { entries } from '../support/entries.js';

// What a user can see, entry by entry: a changed *.api.txt in a diff is the review of the API. `npm test -- -u` accepts.

/** The declarations an entry reaches, the entry's own first, then by path. */
function reachable(entry: string): string[] {
  const found = new Set([entry]);
  for (const file of found) {
    const { module } = parseSync(file, readFileSync(file, 'utf8'));
    const names = [...module.staticImports, ...module.staticExports.flatMap((from) => from.entries)].map(
      (from) => from.moduleRequest?.value,
    );
    for (const name of names) if (name?.startsWith('.')) found.add(join(dirname(file), name.replace(/\.js$/, '.d.ts')));
  }
  found.delete(entry);
  return [entry, ...[...found].toSorted()];
}

/** The text of a declaration file without comments and blank lines. */
function bare(file: string): string {
  let text = readFileSync(file, 'utf8');
  for (const { start, end } of parseSync(file, text).comments.toReversed())
    text = text.slice(0, start) + text.slice(end);
  return text
    .split('\n')
    .filter((line) => line.trim() !== '' && line.trim() !== 'export {};')
    .join('\n');
}

describe('the public declarations', () => {
  for (const { name, types } of entries) {
    it(`of ${name} are the reviewed ones`, async () => {
      const sections = reachable(types).map((file) => `// ${file.slice('dist/'.length)}\n${bare(file)}\n`);
      const report = name === 'millrace' ? 'index' : name.slice('millrace/'.length);
      await expect(sections.join('\n')).toMatchFileSnapshot(resolve(`test/api/${report}.api.txt`));
    });
  }
});
