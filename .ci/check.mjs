// Everything but the tests: one line per step, two at a time; a failing step's output follows at the end.
// --json=<file> also writes the outcome for .ci/run.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { root } from './root.mjs';
import { format, lint } from './tools.mjs';

const path = `${join(root, 'node_modules/.bin')}${delimiter}${process.env.PATH}`;
const env = { ...process.env, PATH: path, NO_COLOR: '1', FORCE_COLOR: undefined };

// The first row must be over before the others start: they read dist/.
const steps = [
  ['build', 'node', '.ci/build.mjs'],
  ['types', 'tsc', '-p', 'tsconfig.json'],
  ['format', ...format('--check')],
  ['lint', ...lint()],
  ['api report', 'vitest', 'run', 'test/api/report.test.ts', 'test/api/types.test.ts'],
  ['sizes', 'size-limit'],
  ['publint', 'publint', '--strict'],
  ['package types', 'attw', '--pack', '.', '--profile', 'esm-only', '--no-emoji', '-q'],
  ['unused', 'knip'],
];

const [build, ...rest] = steps;
const outcomes = [await run(build)];
if (outcomes[0].ok) await Promise.all([worker(), worker()]);
for (const { name, output } of outcomes.filter(({ ok }) => !ok)) console.log(`\n--- ${name} ---\n${output.trim()}`);
const failed = outcomes.filter(({ ok }) => !ok).length;
console.log(
  `\ncheck: ${outcomes.length - failed} steps ok, ${failed} failed${rest.length ? `, ${rest.length} not run` : ''}`,
);

const report = process.argv.find((flag) => flag.startsWith('--json='))?.slice('--json='.length);
if (report) writeFileSync(report, JSON.stringify(outcomes.map(({ name, ok }) => ({ name, ok }))));
process.exit(failed ? 1 : 0);

async function worker() {
  for (let step = rest.shift(); step; step = rest.shift()) outcomes.push(await run(step));
}

function run([name, command, ...args]) {
  const started = performance.now();
  const child = spawn(command, args, {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  return new Promise((resolve) => {
    const done = (ok) => {
      console.log(
        `${name.padEnd(14)} ${ok ? 'ok    ' : 'FAILED'} ${((performance.now() - started) / 1000).toFixed(1)} s`,
      );
      resolve({ name, ok, output });
    };
    child.once('error', (error) => ((output += error.message), done(false)));
    child.once('close', (code) => done(code === 0));
  });
}
