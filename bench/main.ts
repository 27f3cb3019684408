// npm run bench [-- http flow ...] [--quick]: measures this package beside its peers, all in one run, and writes
// bench/results/*.json and docs/benchmarks.md. npm run bench -- simulations draws what the resilience guide shows.
import { parseArgs } from 'node:util';

import { decode } from './decode/part.ts';
import { flow } from './flow/part.ts';
import { growth } from './growth/part.ts';
import type { Effort, Part } from './harness/contract.ts';
import { machine } from './harness/machine.ts';
import { http } from './http/part.ts';
import { install, versions } from './install.ts';
import { memory } from './memory/part.ts';
import { operators } from './operators/part.ts';
import { goalsOf } from './report/goals.ts';
import { writePage } from './report/page.ts';
import { load, save } from './report/store.ts';
import { goalLines, tableOf } from './report/terminal.ts';
import { sockets } from './sockets/part.ts';
import { size } from './size/part.ts';
import { sse } from './sse/part.ts';
import { start } from './start/part.ts';

const parts: readonly Part[] = [http, memory, operators, flow, decode, sse, sockets, growth, size, start];
const names = parts.map(({ name }) => name);
const usage = `usage: npm run bench [-- PART...] [--quick]\n\n  parts: ${names.join(', ')}; all by default\n  simulations: draws the pictures of docs/guide/resilience.md, in virtual time\n  --quick: fewer rounds and smaller inputs, under two minutes on a quiet machine\n`;

const QUICK: Effort = { quick: true, rounds: 3, turnMs: 50, warmMs: 200 };
// Many short turns: the speed of a shared machine changes from second to second, and a round is to be within one speed.
const FULL: Effort = { quick: false, rounds: 15, turnMs: 100, warmMs: 750 };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
});
const unknown = positionals.filter((name) => !names.includes(name) && name !== 'simulations');
if (values.help || unknown.length > 0) {
  process.stdout.write(unknown.length > 0 ? `no part is called ${unknown.join(', ')}\n${usage}` : usage);
  process.exit(unknown.length > 0 ? 1 : 0);
}

install();
if (positionals.includes('simulations')) {
  // Not before: they import the package from where it was installed just now.
  const { drawSimulations } = await import('./simulations/pictures.ts');
  drawSimulations();
  process.exit(0);
}
const effort = values.quick ? QUICK : FULL;
const chosen = parts.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const { cpu, cores, node, load: busy } = machine();
process.stdout.write(`${cpu}, ${cores} cores, Node ${node}, load ${busy}${values.quick ? '; quick' : ''}\n`);
process.stdout.write(
  `${Object.entries(versions())
    .map((pair) => pair.join(' '))
    .join(', ')}\n`,
);

const began = performance.now();
for (const part of chosen) {
  const before = machine();
  const cases = await part.run(effort);
  for (const one of cases) process.stdout.write(`${tableOf(one)}\n`);
  const { name, about } = part;
  save({ part: name, about, quick: values.quick, machine: before, versions: versions(), cases });
}

const results = names.flatMap((name) => load(name) ?? []);
writePage(results);
const measured = results.filter(({ part }) => chosen.some(({ name }) => name === part));
process.stdout.write(`${goalLines(goalsOf(measured.flatMap(({ cases }) => cases)))}\n`);
process.stdout.write(`\n${Math.round((performance.now() - began) / 1000)} s; see docs/benchmarks.md\n`);
