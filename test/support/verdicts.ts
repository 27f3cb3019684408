import { expect } from 'vitest';

import type { Runner } from '../../lib/testing/runner.js';

/** What a kit of rules says of something: the titles of its tests. */
export interface Verdicts {
  readonly passed: readonly string[];
  readonly failed: readonly string[];
}

/** Runs the tests that a kit registers, and tells which of them pass. */
export async function verdicts(register: (runner: Runner) => void): Promise<Verdicts> {
  const passed: string[] = [];
  const failed: string[] = [];
  const tests: [title: string, body: () => Promise<void>][] = [];
  register({ it: (title, body) => tests.push([title, body]), expect });
  const run = async ([title, body]: (typeof tests)[number]): Promise<void> => {
    try {
      await body();
      passed.push(title);
    } catch {
      failed.push(title);
    }
  };
  // One that waits in vain takes its time, so all wait together, but for the one that borrows RxJS's global settings.
  const isAlone = ([title]: (typeof tests)[number]): boolean => title.includes('2.13');
  await Promise.all(tests.filter((test) => !isAlone(test)).map(run));
  for (const test of tests.filter(isAlone)) await run(test);
  return { passed, failed };
}

/** The rules that the titles name: `1.4`, `bound`. */
export function rulesIn(titles: readonly string[]): string[] {
  return [...new Set(titles.map((title) => /rule ([\w.]+):/.exec(title)?.[1] ?? title))].toSorted();
}
