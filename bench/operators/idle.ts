import { compare, type Plan } from '../harness/compare.ts';
import type { Case, Effort } from '../harness/contract.ts';
import { Worker } from '../harness/worker.ts';
import { startServer } from '../http/start-server.ts';

/** Clients of bench/http: the same calls, with policies around them in each of the ways there are. */
const clients: Readonly<Record<string, string>> = {
  millrace: 'millrace',
  'millrace, `.via(standardPolicies())`': 'millrace-policies',
  'millrace, `.pipe(standardPolicies())`': 'millrace-policies-pipe',
  'millrace, a layer that does nothing': 'millrace-no-op-layer',
  'millrace, standardPolicies as a layer': 'millrace-policies-layer',
  'millrace, standardPolicies with hedge, throttle, rate and fallback': 'millrace-policies-all',
};

const plan: Plan = {
  ...{ id: 'operators/idle', figure: 'idle', unit: 'µs', scale: 1, ours: 'millrace' },
  title: 'standardPolicies: calls that nothing is wrong with, 200 B of JSON, 64 at a time; per call',
  order: { path: '/small', concurrency: 64 },
  least: 128,
};

/** What policies cost a call while they have nothing to do. */
export async function idle(effort: Effort): Promise<Case> {
  const server = await startServer();
  const caller = new URL('../http/caller.ts', import.meta.url);
  const contenders = await Promise.all(
    Object.entries(clients).map(async ([name, client]) => ({
      name,
      worker: await Worker.start(caller, client, server.origin),
    })),
  );
  try {
    return await compare(plan, contenders, { ...effort, warmMs: effort.warmMs * 3 });
  } finally {
    await Promise.all([...contenders.map(({ worker }) => worker.end()), server.end()]);
  }
}
