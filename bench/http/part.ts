import { compare, type Plan } from '../harness/compare.ts';
import type { Case, Effort, Part } from '../harness/contract.ts';
import { Worker } from '../harness/worker.ts';
import { clients } from './contenders.ts';
import { startServer } from './start-server.ts';

/** V8 is done with compiling after some 15 000 calls: a second for those that take 60 us. */
const MAIN_WARM = 5;

interface Kind {
  readonly title: string;
  readonly path: string;
  readonly concurrency: number;
}

const texts: Readonly<Record<string, string>> = {
  '/small': '200 B of JSON',
  '/large': '20 kB of JSON',
  '/gzip': '20 kB of JSON, gzip',
  '/post': 'POST of 200 B of JSON',
};
const kinds: readonly Kind[] = Object.entries(texts).flatMap(([path, text]) =>
  [64, 1, 1000].map((concurrency) => {
    return { title: `${text}, ${concurrency === 1 ? 'one' : concurrency} at a time`, path, concurrency };
  }),
);

/** The case that nearly all clients do even in a quick run, and for which they warm up longest. */
const isMain = ({ path, concurrency }: Kind): boolean => path === '/small' && concurrency === 64;
/** In a quick run the others are done by those next to us. */
const nearest = /^(millrace|undici.*|built-in fetch)$/;
/** What is no goal is measured in full runs only. */
const fullOnly = /^(wretch|ofetch|cross-fetch|RxJS fromFetch|node:http.*|millrace, `.*)$/;

const takesPart = (name: string, kind: Kind, { quick }: Effort): boolean =>
  !quick || nearest.test(name) || (isMain(kind) && !fullOnly.test(name));

/** A quick run makes small calls in all ways, and gzip and POST 64 at a time. */
const isDone = ({ path, concurrency }: Kind, { quick }: Effort): boolean =>
  !quick || path === '/small' || (path !== '/large' && concurrency === 64);

function planOf({ title, path, concurrency }: Kind): Plan {
  return {
    ...{ id: `http${path}/${concurrency}`, figure: `http-${path.slice(1)}`, title: `${title}; per call` },
    ...{ unit: 'µs', scale: 1, ours: 'millrace', order: { path, concurrency } },
    least: Math.max(64, concurrency * 2),
  };
}

async function run(effort: Effort): Promise<Case[]> {
  const server = await startServer();
  const caller = new URL('caller.ts', import.meta.url);
  const chosen = Object.entries(clients).filter(([name]) => !effort.quick || !fullOnly.test(name));
  const contenders = await Promise.all(
    chosen.map(async ([name, client]) => ({ name, worker: await Worker.start(caller, client, server.origin) })),
  );
  const cases: Case[] = [];
  for (const kind of kinds.filter((one) => isDone(one, effort))) {
    const present = contenders.filter(({ name }) => takesPart(name, kind, effort));
    const warmMs = effort.warmMs * (isMain(kind) ? MAIN_WARM : 1);
    cases.push(await compare(planOf(kind), present, { ...effort, warmMs }));
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
