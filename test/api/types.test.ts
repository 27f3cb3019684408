import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

import { describe, expect, it } from 'vitest';

import { entries } from '../support/entries.js';

const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');

// Unused if a declaration pulls in the types of Node or the DOM, which would hide what is missing.
const barren = `
// @ts-expect-error no types of Node
export type NoNode = Buffer;
// @ts-expect-error no DOM
export type NoDom = AbortSignal;
`;

/** What tsc says of a file in a project that has neither Node's types nor the DOM library. */
async function errorsIn(source: string, compilerOptions: object = { module: 'nodenext' }): Promise<string[]> {
  mkdirSync('.cache', { recursive: true });
  const folder = mkdtempSync(resolve('.cache/consumer-'));
  const options = { target: 'es2022', lib: ['ES2022'], types: [], strict: true, noEmit: true, ...compilerOptions };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['index.ts'] }));
  writeFileSync(join(folder, 'index.ts'), source + barren);
  const output = await new Promise<string>((done) => {
    execFile(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], (_, stdout) => done(stdout));
  });
  rmSync(folder, { recursive: true });
  // rxjs names setTimeout in one declaration of its own, which every project without the DOM or Node's types sees.
  return output.split('\n').filter((line) => /^\S.*error TS/.test(line) && !line.startsWith('node_modules/rxjs/'));
}

describe('the public types need neither the DOM nor the types of Node', () => {
  it.each(entries)('in $name', async ({ name }) => {
    await expect(errorsIn(`export * as entry from '${name}';`)).resolves.toEqual([]);
  });

  it.each([
    ['a bundler', { module: 'esnext', moduleResolution: 'bundler' }],
    [
      'the strictest settings',
      { module: 'nodenext', exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
    ],
  ])('with %s', async (_, options) => {
    await expect(errorsIn(`export * as entry from 'millrace';`, options)).resolves.toEqual([]);
  });

  it('which this check would notice', async () => {
    const errors = await errorsIn(`/// <reference lib="dom" />\nexport declare const now: NodeJS.Timeout;`);
    expect(errors.map((error) => error.replace(/.*(TS\d+).*/, '$1'))).toEqual(['TS2503', 'TS2578']);
  });
});
