import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { expectedStreams, streams } from '../support/consumer/expected.js';
import { type Consumer, makeConsumer } from '../support/consumer/install.js';
import { found, runtimes, startOf } from '../support/consumer/runtimes.js';
import { startStreamPeers } from '../support/stream-peers/start.js';

const main = `
import process from 'node:process';
import { runStreams } from './streams.mjs';
console.log(JSON.stringify(await runStreams(process.env.BASE)));
`;
const inWorker = `
import process from 'node:process';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { runStreams } from './streams.mjs';
if (isMainThread) new Worker(new URL(import.meta.url), { workerData: process.env.BASE }).on('message', console.log);
else parentPort.postMessage(JSON.stringify(await runStreams(workerData)));
`;

let consumer: Consumer;
let withWs: Consumer;
beforeAll(async () => {
  [consumer, withWs] = await Promise.all([makeConsumer(), makeConsumer({ ws: '^8' })]);
  for (const { write } of [consumer, withWs]) {
    write('streams.mjs', streams);
    write('main.mjs', main);
    write('in-worker.mjs', inWorker);
  }
}, 120_000);
afterAll(() => {
  consumer?.remove();
  withWs?.remove();
});

/** Runs a program, and sees that it has left no connection behind. */
async function run(where: Consumer, command: readonly string[], file = 'main.mjs'): Promise<unknown> {
  await using peers = await startStreamPeers();
  const result = await found(where, command, file, peers.origin);
  await expect.poll(() => peers.open).toBe(0);
  return result;
}

describe('the long-lived sources of the packed tarball', () => {
  it('work on the Node that runs the tests, with ws', { timeout: 60_000 }, async () => {
    expect(await run(withWs, [process.execPath])).toEqual(expectedStreams);
  });

  it('work in a worker thread of Node', { timeout: 60_000 }, async () => {
    expect(await run(withWs, [process.execPath], 'in-worker.mjs')).toEqual(expectedStreams);
  });

  it.each(runtimes)('work on $title', { timeout: 240_000 }, async (runtime) => {
    const command = await startOf(runtime, 'consumer-streams');
    // Before 22, Node has no WebSocket of its own.
    if (command) expect(await run(runtime.title === 'Node 20' ? withWs : consumer, command)).toEqual(expectedStreams);
  });
});
