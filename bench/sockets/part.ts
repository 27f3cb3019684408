import { compare, type Plan } from '../harness/compare.ts';
import type { Case, Effort, Part } from '../harness/contract.ts';
import { Worker } from '../harness/worker.ts';

const runner = new URL('runner.ts', import.meta.url);

const contenders: Readonly<Record<string, string>> = {
  millrace: 'millrace',
  'ws, no wrapper': 'ws',
  'RxJS webSocket over ws': 'rxjs',
  'rxjs-websockets over ws': 'rxjs-websockets',
};

async function measure(mode: string, title: string, url: string, effort: Effort): Promise<Case> {
  const entries = await Promise.all(
    Object.entries(contenders).map(async ([name, file]) => ({ name, worker: await Worker.start(runner, file, url) })),
  );
  const plan: Plan = {
    ...{ id: `sockets/${mode}`, figure: 'sockets', title: `${title}; per message`, unit: 'ns', scale: 1000 },
    ...{ ours: 'millrace', order: { mode }, least: 1000 },
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
  const url = `ws://127.0.0.1:${port}`;
  const cases = [
    await measure('receive', 'A flood of 200 B of JSON from a WebSocket', url, effort),
    await measure('tiny', 'A flood of 25 B of JSON from a WebSocket', url, effort),
  ];
  if (!effort.quick) cases.push(await measure('send', '200 B of JSON to a WebSocket', url, effort));
  await server.end();
  return cases;
}

export const sockets: Part = {
  name: 'sockets',
  about:
    'CPU time of the client per message of a WebSocket, over loopback, JSON parsed or written; ours with heartbeat, ' +
    'limits, flow control and states present.',
  run,
};
