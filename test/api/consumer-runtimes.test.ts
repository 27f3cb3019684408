import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { expected, program } from '../support/consumer/expected.js';
import { type Consumer, makeConsumer } from '../support/consumer/install.js';
import { found, runtimes, startOf } from '../support/consumer/runtimes.js';
import { type Server, startServer } from '../support/server.js';

let consumer: Consumer;
let server: Server;
beforeAll(async () => {
  [consumer, server] = await Promise.all([makeConsumer(), startServer()]);
  consumer.write('program.mjs', program);
}, 120_000);
afterAll(async () => {
  consumer?.remove();
  await server?.close();
});

const run = (command: readonly string[]) => found(consumer, command, 'program.mjs', server.origin);

describe('the packed tarball, in an empty project', () => {
  it('works on the Node that runs the tests', { timeout: 60_000 }, async () => {
    expect(await run([process.execPath])).toEqual(expected);
  });

  it.each(runtimes)('works on $title', { timeout: 240_000 }, async (runtime) => {
    const command = await startOf(runtime, 'consumer-runtimes');
    if (command) expect(await run(command)).toEqual(expected);
  });
});
