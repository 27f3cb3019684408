import { compare, type Plan } from '../harness/compare.ts';
import type { Case, Effort, Part } from '../harness/contract.ts';
import { Worker } from '../harness/worker.ts';

const runner = new URL('runner.ts', import.meta.url);
/** A body is 4 MB. */
const bodyMb = 4;

const kinds: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ndjson: {
    millrace: 'millrace',
    'JSON.parse on pre-split strings': 'pre-split',
    'TextDecoder + split + JSON.parse': 'by-hand',
    'node:readline + JSON.parse': 'readline',
  },
  lines: {
    millrace: 'millrace',
    'split of a decoded string': 'pre-decoded',
    'TextDecoder + split': 'by-hand',
    'node:readline': 'readline',
  },
};

/** Sizes of records, and whether their text needs more than a byte for a letter. */
const texts: readonly (readonly [size: number, words: 'latin' | 'greek'])[] = [
  [200, 'latin'],
  [2000, 'latin'],
  [200, 'greek'],
];

async function measure(kind: string, size: number, words: string, effort: Effort): Promise<Case> {
  const entries = await Promise.all(
    Object.entries(kinds[kind]!).map(async ([name, file]) => ({
      name,
      worker: await Worker.start(runner, kind, file, String(size), words),
    })),
  );
  const plan: Plan = {
    id: `decode/${kind}-${size}-${words}`,
    figure: `decode-${kind}`,
    title: `${kind === 'ndjson' ? 'NDJSON' : 'Lines'}, records of ${size} B, ${words} text, chunks of 64 kB; per MB`,
    unit: 'µs',
    scale: 1 / bodyMb,
    ours: 'millrace',
    order: {},
    least: 1,
  };
  try {
    return await compare(plan, entries, effort);
  } finally {
    await Promise.all(entries.map(({ worker }) => worker.end()));
  }
}

async function run(effort: Effort): Promise<Case[]> {
  const cases: Case[] = [];
  for (const kind of Object.keys(kinds)) {
    for (const [size, words] of effort.quick && kind === 'lines' ? texts.slice(0, 1) : texts) {
      cases.push(await measure(kind, size, words, effort));
    }
  }
  return cases;
}

export const decode: Part = {
  name: 'decode',
  about: 'CPU time per MB from bytes to values: UTF-8 checked, lines found, JSON parsed, limits counted.',
  run,
};
