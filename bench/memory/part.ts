import { setTimeout as sleep } from 'node:timers/promises';

import type { Case, Effort, Part, Row, Sample } from '../harness/contract.ts';
import { ranked } from '../harness/compare.ts';
import { median } from '../harness/stats.ts';
import { Worker } from '../harness/worker.ts';
import { clients } from '../http/contenders.ts';
import { startServer } from '../http/start-server.ts';

type Server = Awaited<ReturnType<typeof startServer>>;
type Figures = Map<string, Sample['facts'][]>;

const OURS = 'millrace';
/** These hold the others' calls, in another spelling. */
const doubles = new Set([
  'millrace, `await firstValueFrom`',
  'millrace, `fetchTransport` alone',
  'undici dispatch, a free list of Clients',
  'fetch with an AbortController',
]);
const holding = Object.entries(clients).filter(([name]) => !doubles.has(name));
/** Left out of a quick run: they cost what fetch or node:http does, and more. */
const layers = new Set(['ofetch', 'wretch', 'RxJS fromFetch', 'cross-fetch', 'got', 'axios', 'Angular HttpClient']);
/** Without a way to read a body piece by piece, or with one that is not theirs. */
const withoutStream = new Set([
  'RxJS fromFetch',
  'Angular HttpClient',
  'undici dispatch, Pool',
  'millrace, fetch transport',
]);
const holder = new URL('holder.ts', import.meta.url);

async function run(effort: Effort): Promise<Case[]> {
  const server = await startServer();
  const calls = effort.quick ? 1000 : 10_000;
  const bytes = effort.quick ? 100_000_000 : 1_000_000_000;
  const rounds = effort.quick ? 1 : 3;
  const weighed: Figures = new Map();
  const peaks: Figures = new Map();
  const failed: string[] = [];
  const note = (to: Figures, name: string, facts: Sample['facts']): void =>
    void to.set(name, [...(to.get(name) ?? []), facts]);
  const weigh = async (name: string, client: string): Promise<void> => {
    note(weighed, name, await pending(server, client, calls, calls));
    if (name === OURS)
      note(weighed, `${OURS}, 256 connections, others wait`, await pending(server, client, calls, 256));
    if (!withoutStream.has(name)) note(peaks, name, await peak(server, client, bytes));
  };
  const present = holding.filter(([name]) => !effort.quick || !layers.has(name));
  for (const [name, client] of Array.from({ length: rounds }, () => present).flat()) {
    await weigh(name, client).catch((error: unknown) => {
      failed.push(`${name}: ${(error as Error).message.split('\n')[0]}`);
    });
  }
  await server.end();
  const many = calls.toLocaleString('en').replace(',', ' ');
  const size = effort.quick ? '100 MB' : '1 GB';
  const found = (id: string, title: string, unit: string, figures: Figures, fact: string, scale: number): Case => ({
    ...{ id, figure: 'memory', title, unit, ours: OURS, rows: rowsOf(figures, fact, scale) },
    ...(failed.length > 0 && { failed }),
  });
  return [
    found('memory/heap', `Heap per pending call, ${many} held open`, 'kB', weighed, 'heapBytes', 1000),
    found('memory/rss', `Resident set per pending call, ${many} held open`, 'kB', weighed, 'rssBytes', 1000),
    found('memory/stream', `Peak resident set above idle while ${size} streams by`, 'MB', peaks, 'peakBytes', 2 ** 20),
  ];
}

/** Heap and resident set per call, while the server answers none of them. */
async function pending(server: Server, client: string, calls: number, connections: number): Promise<Sample['facts']> {
  const worker = await Worker.start(holder, client, server.origin, String(connections));
  try {
    const before = await server.held();
    const { failures = 0 } = (await worker.run({ hold: calls })).facts;
    const expected = before + Math.min(calls, client === 'millrace' ? connections : calls);
    for (let tries = 0; (await server.held()) < expected && failures === 0; tries++) {
      if (tries > 1200) throw new Error(`only ${(await server.held()) - before} of ${calls} calls reached the server`);
      await sleep(100);
    }
    return (await worker.run({ weigh: calls })).facts;
  } finally {
    await worker.end();
  }
}

async function peak(server: Server, client: string, bytes: number): Promise<Sample['facts']> {
  const worker = await Worker.start(holder, client, server.origin);
  try {
    return (await worker.run({ read: bytes })).facts;
  } finally {
    await worker.end();
  }
}

function rowsOf(figures: Figures, fact: string, scale: number): Row[] {
  const valuesOf = (name: string): number[] => (figures.get(name) ?? []).map((facts) => (facts[fact] ?? NaN) / scale);
  const ours = valuesOf(OURS);
  const rows = Array.from(figures.keys(), (name): Row => {
    const rounds = valuesOf(name);
    return { name, value: median(rounds), ratio: median(rounds) / median(ours), rounds };
  });
  return ranked(rows);
}

export const memory: Part = {
  name: 'memory',
  about:
    'Heap and resident set that a call costs while it waits for its answer, each call on a connection of its own; and ' +
    'how far the resident set rises while a long body is read piece by piece. Time limits are on, but long.',
  run,
};
