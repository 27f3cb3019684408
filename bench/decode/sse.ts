import { compare, type Plan } from '../harness/compare.ts';
import type { Case, Effort } from '../harness/contract.ts';
import { Worker } from '../harness/worker.ts';
import { eventsOf } from './events.ts';
import { TOTAL } from './records.ts';

const runner = new URL('runner.ts', import.meta.url);

const contenders: Readonly<Record<string, string>> = {
  millrace: 'millrace',
  'eventsource-parser': 'eventsource-parser',
  'TextDecoder + split': 'by-hand',
};

const shapes: Readonly<Record<string, string>> = {
  chunk: 'tokens of a language model, 170 B',
  named: 'named tokens, 130 B',
  ided: 'events with id and name, 50 B',
  tiny: 'tiny events, 9 B',
};

async function measure(shape: string, chunkBytes: number, effort: Effort): Promise<Case> {
  const entries = await Promise.all(
    Object.entries(contenders).map(async ([name, file]) => ({
      name,
      worker: await Worker.start(runner, 'sse', file, '0', shape, String(chunkBytes)),
    })),
  );
  const size = chunkBytes < 1000 ? `${chunkBytes} B` : `${chunkBytes / 1024} kB`;
  const plan: Plan = {
    id: `decode/sse-${shape}${chunkBytes < 1000 ? `-${chunkBytes}` : ''}`,
    figure: 'decode-sse',
    title: `Server-sent events, ${shapes[shape]}, chunks of ${size}; per event`,
    unit: 'ns',
    scale: 1000 / eventsOf(shape, TOTAL).count,
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

/** CPU time from bytes to events. */
export async function measureSse(effort: Effort): Promise<Case[]> {
  const cases: Case[] = [];
  for (const shape of effort.quick ? ['chunk', 'tiny'] : Object.keys(shapes)) {
    for (const chunkBytes of effort.quick ? [16_384] : [16_384, 500]) {
      cases.push(await measure(shape, chunkBytes, effort));
    }
  }
  return cases;
}
