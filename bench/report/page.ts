import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Case } from '../harness/contract.ts';
import { brief } from '../harness/stats.ts';
import { type Goal, goalsOf } from './goals.ts';
import type { Result } from './store.ts';
import { draw } from './svg.ts';

const docs = fileURLToPath(new URL('../../docs', import.meta.url));

const intro = `<!-- Made by \`npm run bench\`: do not edit, the next run writes it anew. -->

# Benchmarks

Every figure on this page was made by \`npm run bench\`, all contenders in one run, by turns, each in a process of its own.
What counts is CPU time, user and system, since it does not depend on what else the machine did; wall time and memory
stand beside it. "x ours" is a contender's figure over ours, the median over the rounds: above 1 we are ahead. Blue bars
are ours, orange ones are ahead of us, shorter is better.
`;

/** Writes docs/benchmarks.md and its pictures from the last results of all parts. */
export function writePage(results: readonly Result[]): void {
  const pictures = join(docs, 'benchmarks');
  mkdirSync(pictures, { recursive: true });
  for (const old of readdirSync(pictures)) rmSync(join(pictures, old));
  const goals = goalsOf(results.flatMap(({ cases }) => cases));
  const sections = results.map((result) => section(result, pictures));
  const parts = [intro, machines(results), `## Goals\n\n${goalTable(goals)}\n`, ...sections];
  writeFileSync(join(docs, 'benchmarks.md'), parts.join('\n'));
}

function machines(results: readonly Result[]): string {
  const last = results.at(-1);
  if (!last) return '';
  const { cpu, cores, memoryGb, system, node } = last.machine;
  const versions = Object.entries(last.versions).map(([name, version]) => `${name} ${version}`);
  const runs = results.map(({ part, quick, machine: { when, load } }) => {
    return `${part} ${when.slice(0, 10)}${quick ? ' (quick)' : ''}, load ${load}`;
  });
  return `${cpu}, ${cores} cores, ${memoryGb} GB, ${system}, Node ${node.slice(1)}. Measured: ${runs.join('; ')}.

Versions: ${versions.join(', ')}.
`;
}

const word = ({ met }: Goal): string => (met === undefined ? 'full run only' : met ? 'met' : '**not met**');

function goalTable(goals: readonly Goal[]): string {
  const rows = goals.map((goal) => `| ${goal.work} | ${goal.goal} | ${goal.figure} | ${word(goal)} |`);
  return ['| work | goal | found | |', '| --- | --- | --- | --- |', ...rows].join('\n').replaceAll('`', '');
}

function section({ part, about, cases }: Result, pictures: string): string {
  const figures = new Map<string, Case[]>();
  for (const one of cases) figures.set(one.figure, [...(figures.get(one.figure) ?? []), one]);
  const shown = Array.from(figures, ([figure, group]) => {
    writeFileSync(join(pictures, `${figure}.svg`), draw(group, `Bars: ${group.map(({ title }) => title).join('; ')}`));
    return `![${figure}: ${group[0]!.title}](benchmarks/${figure}.svg)\n\n${sentence(group[0]!)}\n`;
  });
  return `## ${part}\n\n${about}\n\n${shown.join('\n')}`;
}

/** The first picture's first case in words: who is ahead of us, and how far the others are behind. */
function sentence({ title, unit, ours, rows }: Case): string {
  const own = rows.find(({ name }) => name === ours);
  const others = rows.filter(({ name }) => !name.startsWith('millrace'));
  const list = (some: typeof rows): string => some.map(({ name, ratio }) => `${name} ${brief(ratio)}`).join(', ');
  const before = others.filter(({ ratio }) => ratio < 1);
  const behind = others.filter(({ ratio }) => ratio >= 1);
  const lead = own
    ? `ours ${brief(own.value)} ${unit}`
    : rows.map(({ name, value }) => `${name} ${brief(value)}`).join(', ');
  return [
    `${title}: ${lead}.`,
    before.length > 0 ? `Ahead of us: ${list(before)}.` : '',
    own && behind.length > 0 ? `Behind, times ours: ${list(behind)}.` : '',
  ]
    .filter((text) => text !== '')
    .join(' ');
}
