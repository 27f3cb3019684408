import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Case } from '../harness/contract.ts';
import type { Machine } from '../harness/machine.ts';

/** What a part found, as it is kept in bench/results. */
export interface Result {
  readonly part: string;
  readonly about: string;
  readonly quick: boolean;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly cases: readonly Case[];
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const fileOf = (part: string): string => join(root, 'bench/results', `${part}.json`);

/** Four digits count; the rest is noise. */
const short = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;

export function save(result: Result): void {
  mkdirSync(join(root, 'bench/results'), { recursive: true });
  writeFileSync(fileOf(result.part), `${JSON.stringify(result, short, 2)}\n`);
  // The formatter has its own idea of arrays, and `npm run check` looks at all files in bench/.
  spawnSync(process.execPath, ['node_modules/oxfmt/bin/oxfmt', '--write', 'bench/results'], { cwd: root });
}

/** The last result of a part. */
export function load(part: string): Result | undefined {
  return existsSync(fileOf(part)) ? (JSON.parse(readFileSync(fileOf(part), 'utf8')) as Result) : undefined;
}
