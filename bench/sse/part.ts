import { compare, type Plan } from '../harness/compare.ts';
import type { Case, Effort, Part } from '../harness/contract.ts';
import { Worker } from '../harness/worker.ts';

const clients: Readonly<Record<string, string>> = {
  millrace: 'millrace',
  eventsource: 'eventsource',
  'fetch + eventsource-parser': 'fetch-parser',
  'undici EventSource': 'undici',
};

const shapes: Readonly<Record<string, string>> = {
  chunk: 'tokens of a language model, 170 B',
  tiny: 'tiny events, 9 B',
};

async function measure(shape: string, effort: Effort, origin: string): Promise<Case> {
  const runner = new URL('runner.ts', import.meta.url);
  const entries = await Promise.all(
    Object.entries(clients).map(async ([name, file]) => ({
      name,
      worker: await Worker.start(runner, file, origin, shape),
    })),
  );
  const plan: Plan = {
    id: `sse/${shape}`,
    figure: 'sse',
    title: `Server-sent events over a socket, ${shapes[shape]}; per event`,
    unit: 'ns',
    scale: 1000,
    ours: 'millrace',
    order: {},
    least: 1000,
  };
  try {
    return await compare(plan, entries, effort);
  } finally {
    await Promise.all(entries.map(({ worker }) => worker.end()));
  }
}

async function run(effort: Effort): Promise<Case[]> {
  const server = await Worker.start(new URL('server.ts', import.meta.url));
  const { port } = (await server.run({})).facts;
  const cases: Case[] = [];
  for (const shape of Object.keys(shapes)) cases.push(await measure(shape, effort, `http://127.0.0.1:${port}`));
  await server.end();
  return cases;
}

export const sse: Part = {
  name: 'sse',
  about:
    'CPU time of the reading process per event, end to end: a server sends as fast as the socket takes, each client reads with its defaults.',
  run,
};
