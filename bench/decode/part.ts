import { compare, type Plan } from '../harness/compare.ts';
import type { Case, Effort, Part } from '../harness/contract.ts';
import { Worker } from '../harness/worker.ts';
import { measureSse } from './sse.ts';

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

type Text = readonly [size: number, words: 'latin' | 'greek', chunkBytes: number];

/** Sizes of records, whether their text needs more than a byte for a letter, and sizes of chunks. */
const texts: readonly Text[] = [
  [200, 'latin', 65_536],
  [2000, 'latin', 65_536],
  [200, 'greek', 65_536],
  [2000, 'greek', 65_536],
  [200, 'latin', 500],
  [200, 'greek', 500],
];
/** How many of them a quick run reads. */
const quick: Readonly<Record<string, number>> = { ndjson: 3, lines: 1 };

async function measure(kind: string, [size, words, chunkBytes]: Text, effort: Effort): Promise<Case> {
  const entries = await Promise.all(
    Object.entries(kinds[kind]!).map(async ([name, file]) => ({
      name,
      worker: await Worker.start(runner, kind, file, String(size), words, String(chunkBytes)),
    })),
  );
  const small = chunkBytes < 1000;
  const plan: Plan = {
    id: `decode/${kind}-${size}-${words}${small ? `-${chunkBytes}` : ''}`,
    figure: `decode-${kind}`,
    title: `${kind === 'ndjson' ? 'NDJSON' : 'Lines'}, records of ${size} B, ${words} text, chunks of ${small ? `${chunkBytes} B` : '64 kB'}; per MB`,
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
    const chosen = effort.quick ? texts.slice(0, quick[kind]) : texts;
    for (const text of chosen) cases.push(await measure(kind, text, effort));
  }
  return [...cases, ...(await measureSse(effort))];
}

export const decode: Part = {
  name: 'decode',
  about: 'CPU time from bytes to values: UTF-8 checked, lines and events found, JSON parsed, limits counted.',
  run,
};
