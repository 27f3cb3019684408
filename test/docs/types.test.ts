import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';

import { expect, it } from 'vitest';

import { padded } from '../support/example.js';
import { allFences, type Fence } from '../support/fences.js';

const require = createRequire(import.meta.url);
const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
const settings = {
  extends: '../../tsconfig.json',
  compilerOptions: {
    outDir: null,
    rootDir: null,
    noUnusedLocals: false,
    noUnusedParameters: false,
    lib: ['ES2024', 'DOM'],
  },
  include: ['**/*.ts'],
};

// What is only shown may name things that the reader has: `myOperator`.
const placeholder = /\.shown\.ts.* error TS(2304|2552):/;

/** An example that is only shown is checked when it can be: it imports, and all that it imports is installed. */
function isComplete({ info, code }: Fence): boolean {
  if (!info.includes('no-run')) return true;
  const names = [...code.matchAll(/^import\s[^;]*?from\s+'([^'.][^']*)'/gm)].map(([, name]) => name ?? '');
  return names.length > 0 && names.every(isInstalled);
}

function isInstalled(name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}

it('every example of the documentation has the types it uses', async () => {
  mkdirSync('.cache', { recursive: true });
  const folder = mkdtempSync(resolve('.cache/examples-types-'));
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
  for (const fence of allFences('ts').filter(isComplete)) {
    const path = join(folder, `${fence.file}.${fence.line}${fence.info.includes('no-run') ? '.shown' : ''}.ts`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${padded(fence)}\nexport {};\n`);
  }
  const output = await new Promise<string>((done) => {
    execFile(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], (_, stdout) => done(stdout));
  });
  rmSync(folder, { recursive: true });
  const prefix = `${relative('.', folder)}/`;
  const errors = output
    .split('\n')
    .filter((line) => line.startsWith(prefix) && !placeholder.test(line))
    .map((line) => line.slice(prefix.length).replace(/\.\d+(\.shown)?\.ts\((\d+),\d+\)/, ':$2'));
  expect(errors).toEqual([]);
});
