import { describe, expect, it } from 'vitest';

import { House } from './house.js';
import { rules } from './rules.js';
import { neighbours, samples } from './samples.js';

const houseOf = (files: Readonly<Record<string, string>>): House =>
  new House(Object.entries(files).map(([path, text]) => ({ path, text })));

describe('a planted fault is found', () => {
  it.each(samples)('by $rule: $because', ({ rule, at, files }) => {
    const places = rules[rule]?.check(houseOf(files)).map(({ path, line }) => `${path}:${line}`);
    expect(places).toContain(at);
  });

  it('for every rule there is', () => {
    expect(new Set(samples.map(({ rule }) => rule))).toEqual(new Set(Object.keys(rules)));
  });
});

describe('nothing is found', () => {
  it.each(Object.keys(rules))('by %s in an empty house, nor in one that keeps to it', (name) => {
    expect(rules[name]?.check(houseOf({}))).toEqual([]);
    expect(rules[name]?.check(houseOf(neighbours))).toEqual([]);
  });

  it('in a test that is skipped with a reason', () => {
    const text = "// the platform cannot pause\nit.skip('works', () => {});\n";
    expect(rules['running']?.check(houseOf({ 'test/a.test.ts': text }))).toEqual([]);
  });

  it('in a function inside another: each counts its own nesting', () => {
    const text = 'function a() { if (1) { for (;;) { const b = () => { if (2) { while (3) {} } }; } } }';
    expect(rules['functions']?.check(houseOf({ 'lib/core/a.ts': text }))).toEqual([]);
  });

  it('in an else-if chain: it is as deep as its first branch', () => {
    const chain = Array.from({ length: 6 }, (_, index) => `if (${index}) {}`).join(' else ');
    expect(rules['functions']?.check(houseOf({ 'lib/core/a.ts': `function a() { ${chain} }` }))).toEqual([]);
  });
});
