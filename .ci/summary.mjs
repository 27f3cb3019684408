// Ends a run of .ci/run: names what failed and what was skipped, then counts. Plain JavaScript for bare Node 20.
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

import { root } from './root.mjs';

const [testsExit, checksExit] = process.argv.slice(2).map(Number);
const counts = { passed: 0, failed: 0, skipped: 0 };

function count(outcome, name) {
  counts[outcome] += 1;
  if (outcome !== 'passed') console.log(`${outcome}: ${name}`);
}

function read(name) {
  try {
    return JSON.parse(readFileSync(join(root, '.cache', name), 'utf8'));
  } catch {
    return undefined;
  }
}

const tests = read('tests.json');
const before = counts.failed;
for (const file of tests?.testResults ?? []) {
  const path = relative(root, file.name);
  if (file.status === 'failed' && file.assertionResults.every(({ status }) => status !== 'failed')) {
    count('failed', `${path} (could not run: ${file.message})`);
  }
  for (const { status, fullName } of file.assertionResults) {
    count(status === 'passed' || status === 'failed' ? status : 'skipped', `${path}: ${fullName}`);
  }
}
if (testsExit !== 0 && counts.failed === before) count('failed', 'npm test (its output is above)');

const checks = read('check.json');
for (const { name, ok } of checks ?? []) count(ok ? 'passed' : 'failed', `npm run check: ${name}`);
if (checksExit !== 0 && (checks ?? []).every(({ ok }) => ok)) count('failed', 'npm run check (its output is above)');

console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
