import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { type DocsServer, startDocsServer } from '../support/docs-server.js';
import { RUNNING, selfChecking, titleOf } from '../support/example.js';
import { allFences, type Fence } from '../support/fences.js';

/** What a running example calls. Inside callbacks nobody catches, so failures are kept too. */
class Checks {
  readonly reached = new Set<number>();
  readonly failures: unknown[] = [];

  async equal(line: number, actual: () => Promise<unknown>, wanted: () => unknown): Promise<void> {
    this.reached.add(line);
    expect(await actual(), `line ${line}`).toEqual(wanted());
  }

  seen(line: number, actual: () => unknown, wanted: () => unknown): void {
    this.reached.add(line);
    try {
      expect(actual(), `line ${line}`).toEqual(wanted());
    } catch (error) {
      this.failures.push(error);
    }
  }

  async throws(line: number, act: () => Promise<unknown>, name: string): Promise<void> {
    this.reached.add(line);
    const thrown = await act().then(
      () => 'nothing',
      (error: unknown) => (error instanceof Error ? error.name : String(error)),
    );
    expect(thrown, `line ${line}`).toBe(name);
  }
}

const running = new Map<string, Checks>();
let folder: string;
let server: DocsServer;

beforeAll(async () => {
  Object.assign(globalThis, { [RUNNING]: running });
  mkdirSync('.cache', { recursive: true });
  folder = mkdtempSync(resolve('.cache/examples-'));
  server = await startDocsServer();
});

afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

async function run(fence: Fence): Promise<void> {
  const { code, seen } = selfChecking(fence, server.origin);
  const path = join(folder, `${fence.file}.${fence.line}.ts`);
  const checks = new Checks();
  running.set(titleOf(fence), checks);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, code);
  await import(/* @vite-ignore */ pathToFileURL(path).href).catch((error: unknown) => {
    throw onThePage(error, path, fence);
  });
  await vi
    .waitUntil(() => checks.failures.length > 0 || seen.every((line) => checks.reached.has(line)), 5_000)
    .catch(() => {
      const missed = seen.filter((line) => !checks.reached.has(line));
      throw new Error(`${fence.file}:${missed.join(', ')} was never reached`);
    });
  if (checks.failures.length > 0) throw onThePage(checks.failures[0], path, fence);
}

/** Makes an error name the line of the page, not that of the file made from it. */
function onThePage(error: unknown, path: string, fence: Fence): unknown {
  if (!(error instanceof Error)) return new Error(`${titleOf(fence)} threw ${String(error)}`, { cause: error });
  const [, line] = /^line (\d+)/.exec(error.message) ?? [];
  error.message = line
    ? error.message.replace(/^line \d+/, `${fence.file}:${line}`)
    : `${titleOf(fence)}: ${error.message}`;
  error.stack = (error.stack ?? '').replaceAll(pathToFileURL(path).href, fence.file).replaceAll(path, fence.file);
  return error;
}

describe('every example of the documentation', () => {
  for (const fence of allFences('ts').filter(({ info }) => !info.includes('no-run'))) {
    it(titleOf(fence), () => run(fence));
  }
});
