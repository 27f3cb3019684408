import { describe, expect, it } from 'vitest';

import { selfChecking } from '../support/example.js';
import type { Fence } from '../support/fences.js';

const fence = (code: string): Fence => ({ file: 'docs/a.md', line: 3, language: 'ts', info: '', code });
const made = (code: string): string[] => selfChecking(fence(code), 'http://127.0.0.1:1').code.split('\n').slice(2);

describe('a mark in an example', () => {
  it.each([
    ['f(1); // => 2', 'await $docs.equal(3, async () => (f(1)), () => (2));'],
    ['await f(1); // => { a: 1 }', 'await $docs.equal(3, async () => (await f(1)), () => ({ a: 1 }));'],
    ['const a = f(1); // => 2', 'const a = f(1); await $docs.equal(3, async () => (a), () => (2));'],
    ['console.log(a); // => 2', 'await $docs.equal(3, async () => (a), () => (2));'],
    ['f(1); // => throws TypeError', 'await $docs.throws(3, async () => (f(1)), "TypeError");'],
    ["'https://api.example.com/a';", "'http://127.0.0.1:1/a';"],
    ['f(1); // a comment', 'f(1); // a comment'],
  ])('%s', (code, wanted) => {
    expect(made(code)).toEqual([wanted]);
  });

  it('inside a callback must be reached', () => {
    const { code, seen } = selfChecking(fence('of(1).subscribe((v) => {\n  v; // => 1\n});'), '');
    expect(seen).toEqual([4]);
    expect(code).toContain('$docs.seen(4, () => (v), () => (1));');
  });

  it('goes on below until its value is whole, and leaves the lines where they are', () => {
    const lines = made('f(1); // => {\n//   a: 1,\n// }\ng();');
    expect(lines).toHaveLength(4);
    expect(lines[3]).toBe('g();');
  });

  it('may stand in the line below its statement', () => {
    expect(made('f(1);\n// => 2')).toEqual(['await $docs.equal(3, async () => (f(1)), () => (2));', '']);
  });

  it('that follows no statement is an error with its place', () => {
    expect(() => made('f();\n\n// => 1')).toThrow('docs/a.md:5 `// =>` follows no statement');
  });

  it('stands in code that parses', () => {
    expect(() => made('f(1;')).toThrow('docs/a.md:3');
  });
});
