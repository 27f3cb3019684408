import { compare, type Plan } from '../harness/compare.ts';
import type { Case, Effort, Part } from '../harness/contract.ts';
import { Worker } from '../harness/worker.ts';
import { clients } from './contenders.ts';
import { startServer } from './start-server.ts';

interface Kind {
  readonly title: string;
  readonly path: string;
  readonly concurrency: number;
}

const kind = (title: string, path: string, ...at: number[]): Kind[] =>
  at.map((concurrency) => ({
    title: `${title}, ${concurrency === 1 ? 'one' : concurrency} at a time`,
    path,
    concurrency,
  }));

const quick = [
  ...kind('200 B of JSON', '/small', 64, 1, 1000),
  ...kind('20 kB of JSON', '/large', 64),
  ...kind('20 kB of JSON, gzip', '/gzip', 64),
  ...kind('POST of 200 B of JSON', '/post', 64),
];
const full = [
  ...quick,
  ...kind('20 kB of JSON', '/large', 1, 1000),
  ...kind('20 kB of JSON, gzip', '/gzip', 1, 1000),
  ...kind('POST of 200 B of JSON', '/post', 1, 1000),
];

async function run(effort: Effort): Promise<Case[]> {
  const server = await startServer();
  const caller = new URL('caller.ts', import.meta.url);
  const contenders = await Promise.all(
    Object.entries(clients).map(async ([name, client]) => ({
      name,
      worker: await Worker.start(caller, client, server.origin),
    })),
  );
  const cases: Case[] = [];
  for (const { title, path, concurrency } of effort.quick ? quick : full) {
    const plan: Plan = {
      id: `http${path}/${concurrency}`,
      figure: `http-${path.slice(1)}`,
      title: `${title}; per call`,
      unit: 'µs',
      scale: 1,
      ours: 'millrace',
      order: { path, concurrency },
      least: Math.max(64, concurrency * 3),
    };
    cases.push(await compare(plan, contenders, effort));
  }
  await Promise.all([...contenders.map(({ worker }) => worker.end()), server.end()]);
  return cases;
}

export const http: Part = {
  name: 'http',
  about:
    'CPU time (user + system) of the calling process per call, the answer parsed and checked; keep-alive, loopback, ' +
    'each client with its defaults: ours with timeouts, limits, retry and redirects present.',
  run,
};
