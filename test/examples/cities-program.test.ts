import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';

import { describe, expect, it, type TestContext } from 'vitest';

import { type Example, runExample } from './child.js';
import { lyingProxy } from './lying-proxy.js';

const PATIENCE_MS = 240_000;

/** Runs an example that the test does not outlive. */
function run({ onTestFinished }: TestContext, file: string, ...args: readonly string[]): Example {
  const example = runExample(file, ...args);
  onTestFinished(() => void example.child.kill('SIGKILL'));
  return example;
}

/** Jobs with a check of that outcome. */
const jobsThat = (word: 'ok' | 'FAILED', text: string): string[] => [
  ...new Set([...text.matchAll(new RegExp(`^${word} +(\\w+)`, 'gm'))].map((match) => match[1]!)),
];
const JOBS = [
  'chat',
  'details',
  'export',
  'members',
  'outage',
  'pages',
  'report',
  'resume',
  'search',
  'ticker',
  'upload',
];

// The program waits more than it works, so that three of it can run at once.
describe.concurrent('npm start', () => {
  it(
    'does every job, finds every result right and says so',
    async (test) => {
      const program = run(test, 'cities/main.ts');

      expect(await program.ended, program.text).toBe(0);
      expect(jobsThat('ok', program.text).toSorted()).toEqual(JOBS);
      expect(program.text).not.toContain('FAILED');
      expect(program.text).toContain('all checks hold');
    },
    PATIENCE_MS,
  );

  it(
    'finds out a server that lies, job by job, and exits with 1',
    async (test) => {
      const api = run(test, 'cities/server.ts');
      const [, to = ''] = await api.says(/API on (http:\S+)/);
      const spoil = (text: string): string => text.replace(/"population":\d/, '"population":9');
      const { url, server } = await lyingProxy(to, [
        { of: 'answer', path: /\/cities$/, change: (text) => text.replace(/"cityId":\d/, '"cityId":9') },
        { of: 'answer', path: /\/runs\/[\w-]+\/cities\/\d*7$/, change: spoil },
        { of: 'answer', path: /\/members\/cities\/\d*3$/, change: spoil },
        { of: 'answer', path: /\/cities\.ndjson$/, change: (text) => text.replace('"country":"AD"', '"country":"FR"') },
        { of: 'answer', path: /\/ticker$/, change: spoil },
        { of: 'answer', path: /\/chat$/, change: (text) => text.replaceAll(/(city \d*)7/g, '$18') },
        { of: 'answer', path: /\/reports\/\d+$/, change: spoil },
        { of: 'answer', path: /\/pages$/, change: spoil },
        { of: 'request', path: /\/files\//, change: (text) => text.replace('"country":"CH"', '"country":"IT"') },
        { of: 'answer', path: /\/runs\/[\w-]+$/, change: inflated },
      ]);
      const program = run(test, 'cities/main.ts', '--base-url', url);

      expect(await program.ended, program.text).toBe(1);
      server.close().closeAllConnections();
      expect(jobsThat('FAILED', program.text).toSorted(), program.text).toEqual(JOBS);
      for (const fact of [
        /^FAILED {2}search .*right cities/m,
        /^FAILED {2}search .*the server saw 0 calls aborted/m,
        /^FAILED {2}details .*are those of the data set/m,
        /^FAILED {2}outage .*the server counted \d+ attempts/m,
        /^FAILED {2}members .*right and in order/m,
        /^FAILED {2}members .*the server handed out \d+ tokens/m,
        /^FAILED {2}export .*SHA-256 is that of the data set/m,
        /^FAILED {2}export .*the server was held back for 0\.0 s/m,
        /^FAILED {2}ticker .*are those of the data set/m,
        /^FAILED {2}ticker .*the server cut 0 connections/m,
        /^FAILED {2}chat .*that the server has/m,
        /^FAILED {2}pages .*SHA-256 is that of the data set/m,
        /^FAILED {2}report .* people/m,
        /^FAILED {2}resume .*SHA-256 is that of the data set/m,
        /^FAILED {2}upload .*SHA-256 is that of the data set/m,
      ]) {
        expect(program.text).toMatch(fact);
      }
    },
    PATIENCE_MS,
  );

  it(
    'stops at Ctrl-C within a moment and leaves no process and no file',
    async (test) => {
      const program = run(test, 'cities/main.ts');
      const [, url = ''] = await program.says(/cities on (http:[^\s,]+)/);
      await program.says(/details: .*33 %/);
      const mine = async (): Promise<string[]> =>
        (await readdir(tmpdir())).filter((name) => name.startsWith(`millrace-${program.child.pid}-`));
      expect(await mine()).toHaveLength(1);
      const since = performance.now();
      program.child.kill('SIGINT');

      expect(await program.ended, program.text).toBe(130);
      expect(performance.now() - since).toBeLessThan(5000);
      expect(program.text).toContain('stopped by Ctrl-C');
      expect(await mine()).toEqual([]);
      await expect(fetch(`${url}/digest`)).rejects.toThrow('fetch failed');
    },
    PATIENCE_MS,
  );

  it(
    'prints help, and says what is wrong with its options',
    async (test) => {
      const help = run(test, 'cities/main.ts', '--help');
      const wrong = run(test, 'cities/main.ts', '--base-url', 'localhost');

      expect([await help.ended, await wrong.ended]).toEqual([0, 2]);
      expect(help.text).toContain('--base-url URL');
      expect(wrong.text).toContain("'localhost' is not an http(s) URL");
    },
    PATIENCE_MS,
  );
});

/** A journal in which nobody went away or waited, and every call took three attempts. */
function inflated(text: string): string {
  const journal = JSON.parse(text) as { cities: Record<string, { attempts: number }> };
  for (const city of Object.values(journal.cities)) city.attempts = 3;
  return JSON.stringify({
    ...journal,
    aborted: 0,
    tokens: 99,
    heldBack: { times: 0, totalMs: 0, longestMs: 0 },
    ticker: { resumedAt: [], cuts: 0 },
  });
}
