import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import type { Case, Effort, Part, Row } from '../harness/contract.ts';
import { ranked } from '../harness/compare.ts';
import { median } from '../harness/stats.ts';

const OURS = 'millrace';
const NOTHING = 'nothing at all';

const packages = [
  OURS,
  'millrace/operators',
  'rxjs',
  'undici',
  'cross-fetch',
  'ky',
  'axios',
  'got',
  'ofetch',
  'wretch',
];
/** In full runs only. */
const others = [
  ...['p-map', 'p-queue', 'streaming-iterables', '@tanstack/query-core', 'effect'],
  ...['cockatiel', 'opossum', 'dataloader'],
];

const importing = (name: string): string => `import ${JSON.stringify(name)};`;
const call =
  "import { createApi } from 'millrace';" +
  "createApi().get('http://127.0.0.1:9/', { retry: false }).subscribe({ error() {} });";

const programsOf = (quick: boolean): Readonly<Record<string, string>> => ({
  [NOTHING]: '',
  ...Object.fromEntries([...packages, ...(quick ? [] : others)].map((name) => [name, importing(name)])),
  'millrace, and a call that is refused': call,
  'built-in fetch, and a call that is refused': "fetch('http://127.0.0.1:10/').catch(() => {});",
});

/** What the process took until it was about to end, start of node included. */
const report =
  'process.once("exit", () => { const { user, system } = process.cpuUsage(); console.log(user + system); });';

async function cpuMs(program: string): Promise<number> {
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  const args = ['--input-type=module', '-e', `${program}${report}`];
  const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (code !== 0) throw new Error(`${program} ended with ${code}`);
  return Number(said) / 1000;
}

async function run({ quick }: Effort): Promise<Case[]> {
  const programs = programsOf(quick);
  const taken = new Map<string, number[]>(Object.keys(programs).map((name) => [name, []]));
  for (let round = 0; round < (quick ? 2 : 11); round++) {
    for (const [name, program] of Object.entries(programs)) taken.get(name)!.push(await cpuMs(program));
  }
  const empty = taken.get(NOTHING)!;
  const over = (name: string): number[] => taken.get(name)!.map((ms, round) => ms - empty[round]!);
  const ours = median(over(OURS));
  const names = Object.keys(programs).filter((name) => name !== NOTHING);
  const rows = names.map((name): Row => {
    const rounds = over(name);
    return { name, value: median(rounds), ratio: median(rounds) / ours, rounds };
  });
  const title = `Import in Node; an empty program takes ${median(empty).toFixed(0)} ms`;
  return [{ id: 'start/import', figure: 'start', title, unit: 'ms', ours: OURS, rows: ranked(rows) }];
}

export const start: Part = {
  name: 'start',
  about: 'CPU time of a program that imports one package, above that of an empty program.',
  run,
};
