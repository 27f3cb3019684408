import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';

import { describe, expect, it } from 'vitest';

import { allFences } from '../support/fences.js';
import { drawMarbles } from '../support/marbles-svg.js';
import { readMarbles } from '../support/marbles-text.js';

// Draws the `marble` fences of the pages: docs/operators/<slug>.svg, <slug>-2.svg, ... `npm test -- -u` draws them anew.
const counts = new Map<string, number>();
const diagrams = allFences('marble')
  .filter(({ file }) => file.endsWith('.md'))
  .map(({ file, line, code }) => {
    const count = (counts.get(file) ?? 0) + 1;
    counts.set(file, count);
    return { file, line, code, svg: file.replace(/\.md$/, count === 1 ? '.svg' : `-${count}.svg`) };
  });

describe('diagrams', () => {
  for (const { file, line, code, svg } of diagrams) {
    it(`${svg} is what ${file}:${line} says`, async () => {
      await expect(drawMarbles(code, `Marble diagram: ${basename(svg, '.svg')}`)).toMatchFileSnapshot(resolve(svg));
    });

    it(`${file} shows ${svg}`, () => {
      expect(readFileSync(file, 'utf8'), `add ![${basename(svg, '.svg')}](${basename(svg)}) to ${file}`).toContain(
        `](${basename(svg)})`,
      );
    });
  }

  it('has a page for every drawing in docs/', () => {
    const orphans = globSync('docs/{operators,sources}/*.svg').filter(
      (path) => !diagrams.some(({ svg }) => existsSync(svg) && svg === path),
    );
    expect(orphans).toEqual([]);
  });
});

describe('the text of a diagram', () => {
  it('puts a row that is indented further at a later time', () => {
    const { rows } = readMarbles('one    -a\ntwo      -b|');
    expect(rows).toEqual([
      { type: 'stream', label: 'one', start: 0, end: 2, marks: [{ at: 1, kind: 'value', text: 'a' }] },
      {
        type: 'stream',
        label: 'two',
        start: 2,
        end: 5,
        marks: [
          { at: 3, kind: 'value', text: 'b' },
          { at: 4, kind: 'complete', text: '' },
        ],
      },
    ]);
  });

  it('reads subscriptions that end and that do not', () => {
    const { rows } = readMarbles('subs   -^--!\nsubs   ^---');
    expect(rows.map((row) => row.type === 'subscription' && [row.start, row.end, row.open])).toEqual([
      [1, 4, false],
      [0, 4, true],
    ]);
  });

  it('refuses a character that means nothing', () => {
    expect(() => readMarbles('source   -a-$')).toThrow('"$" means nothing');
    expect(() => readMarbles('source')).toThrow('write a label');
  });

  it('keeps text that looks like markup as text', () => {
    expect(drawMarbles('a   -a-\n> map<T>("x")', 'x')).toContain('map&lt;T&gt;(&quot;x&quot;)');
  });
});
