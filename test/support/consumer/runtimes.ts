import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { type Consumer, toolbox } from './install.js';

const run = promisify(execFile);

/** A runtime that comes as a package. */
export interface Runtime {
  readonly title: string;
  readonly name: string;
  readonly version: string;
  readonly binary: string;
  readonly args: readonly string[];
}

const system = `${process.platform}-${process.arch}`;
const node = (version: string) => ({ name: `node-${system}`, version, binary: 'bin/node', args: [] });

/** Where the package has to work, beside the Node that runs the tests. */
export const runtimes: readonly Runtime[] = [
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

/** How to start it; `undefined`, and a line that says so, where it cannot be had. */
export async function startOf(runtime: Runtime, file: string): Promise<readonly string[] | undefined> {
  const { title, name, version, binary, args } = runtime;
  const folder = (await toolbox({ [name]: version }))(name);
  if (folder) return [join(folder, binary), ...args];
  // The registry does not have it for this system, or cannot be reached.
  process.stderr.write(`${file}: 1 test skipped, ${title} (${name}@${version}) cannot be installed\n`);
  return undefined;
}

/** What a program of the consumer prints as its last line. It has to end by itself. */
export async function found(consumer: Consumer, command: readonly string[], file: string, base: string) {
  const env = { ...process.env, BASE: base };
  const [binary, ...args] = command;
  const { stdout } = await run(binary!, [...args, file], { cwd: consumer.folder, env, timeout: 60_000 });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as unknown;
}
