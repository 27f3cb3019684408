import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { expected, program } from '../support/consumer/expected.js';
import { type Consumer, makeConsumer, toolbox } from '../support/consumer/install.js';
import { type Server, startServer } from '../support/server.js';

const run = promisify(execFile);
const system = `${process.platform}-${process.arch}`;
const node = (version: string) => ({ name: `node-${system}`, version, binary: 'bin/node', args: [] as string[] });
const runtimes = [
  { title: 'Node 20', ...node('20.19.0') },
  { title: 'Node 22', ...node('22') },
  { title: 'Bun', name: `@oven/bun-${system}`, version: '1', binary: 'bin/bun', args: ['run'] },
  {
    title: 'Deno',
    name: `@deno/${system}${process.platform === 'linux' ? '-glibc' : ''}`,
    version: '2',
    binary: 'deno',
    args: ['run', '--allow-all', '--quiet'],
  },
];

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

async function found(binary: string, args: readonly string[]): Promise<unknown> {
  const env = { ...process.env, BASE: server.origin };
  const { stdout } = await run(binary, [...args, 'program.mjs'], { cwd: consumer.folder, env, timeout: 60_000 });
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}

describe('the packed tarball, in an empty project', () => {
  it('works on the Node that runs the tests', { timeout: 60_000 }, async () => {
    expect(await found(process.execPath, [])).toEqual(expected);
  });

  it.each(runtimes)('works on $title', { timeout: 240_000 }, async ({ title, name, version, binary, args }) => {
    const folder = (await toolbox({ [name]: version }))(name);
    if (!folder) {
      // The registry does not have it for this system, or cannot be reached.
      process.stderr.write(`consumer-runtimes: 1 test skipped, ${title} (${name}@${version}) cannot be installed\n`);
      return;
    }
    expect(await found(join(folder, binary), args)).toEqual(expected);
  });
});
