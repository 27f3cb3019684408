// Builds dist/: one .js per source file with tsup (no bundling), the same in few files for Node, declarations with tsc.
// Nothing to do when no input changed. The result is made beside dist/ and moved into place, so a test that runs
// meanwhile never sees half of it.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { build as tsup } from 'tsup';

import { withLock } from './lock.mjs';
import { root } from './root.mjs';

process.chdir(root);
const sources = globSync(['lib/**/*.ts', 'operators/**/*.ts']).toSorted();
const settings = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', '.ci/build.mjs'];
const stamp = '.cache/build.stamp';
const staged = '.cache/dist';
const common = { format: ['esm'], target: 'es2022', removeNodeProtocol: false, config: false, silent: true };

await withLock('build', async () => {
  const inputs = hash([...settings, ...sources]);
  if (existsSync('dist') && existsSync(stamp) && readFileSync(stamp, 'utf8') === inputs) return;
  const started = Date.now();
  for (const folder of [staged, '.cache/dist.old']) rmSync(folder, { recursive: true, force: true });
  mkdirSync(staged, { recursive: true });
  await Promise.all([emitCode(), emitCodeForNode(), emitTypes()]);
  if (existsSync('dist')) renameSync('dist', '.cache/dist.old');
  renameSync(staged, 'dist');
  writeFileSync(stamp, inputs);
  process.stderr.write(`build: ${sources.length} files in ${Date.now() - started} ms\n`);
});

async function emitCode() {
  if (sources.length === 0) return;
  const entry = Object.fromEntries(sources.map((path) => [path.slice(0, -'.ts'.length), path]));
  await tsup({ ...common, entry, bundle: false, outDir: staged });
}

/** What package.json names under the condition `node`: Node takes a third of a millisecond to load a file. */
async function emitCodeForNode() {
  const named = readFileSync('package.json', 'utf8').matchAll(/"\.\/dist\/node\/([^"]+)\.js"/g);
  const entry = Object.fromEntries(Array.from(named, ([, path]) => [path, `${path}.ts`]));
  await tsup({ ...common, entry, outDir: join(staged, 'node'), splitting: true, external: [/^#/] });
}

async function emitTypes() {
  if (sources.length === 0) return;
  const flags = ['-p', 'tsconfig.build.json', '--declarationDir', staged];
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const child = spawn(process.execPath, [tsc, ...flags], { stdio: ['ignore', 2, 2] });
  const code = await new Promise((resolve) => child.once('exit', resolve));
  if (code !== 0) fail('tsc found errors; the lines above name them');
}

function hash(paths) {
  const sum = createHash('sha256');
  for (const path of paths) sum.update(`${path}\n`).update(readFileSync(path));
  return sum.digest('hex');
}

function fail(reason) {
  process.stderr.write(`build: ${reason}\n`);
  process.exit(1);
}
