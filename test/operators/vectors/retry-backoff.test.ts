import { describe, expect, it } from 'vitest';

import { StatusError } from '../../../lib/core/answer-errors.js';
import { exponential } from '../../../lib/core/backoff.js';
import { createBudget } from '../../../lib/core/budget.js';
import { retryBackoff, type RetryBackoffOptions } from '../../../operators/retry-backoff.js';
import { HandCalls } from '../../support/calls.js';
import { handClock } from '../../support/hand-clock.js';

const status = (code: number) =>
  new StatusError(code, `${code}`, { headers: new Headers(), body: undefined, retryable: true });

/** Makes calls to a server that answers in a given order; each of them is retried under the same settings. */
function server(options: RetryBackoffOptions) {
  const clock = handClock();
  const call = () => new HandCalls(retryBackoff({ random: () => 1, ...options, clock }));
  /** Answers the latest attempt. @returns how long the call waits for the next one, or `undefined` when it is over */
  const answer = ({ attempts, told }: HandCalls, code: number): number | undefined => {
    const before = attempts.length;
    if (code === 200) attempts[before - 1]!.complete();
    else attempts[before - 1]!.error(status(code));
    const sinceMs = clock.now();
    while (told.length === 0 && attempts.length === before) clock.pass(1);
    return told.length === 0 ? clock.now() - sinceMs : undefined;
  };
  return { call, answer };
}

/** An answer, then how long the retry behind it waits in seconds and what is left of the quota. */
type Step = readonly [status: number, outcome: number | 'success' | 'exceeded', quota: number];
type Case = readonly [
  name: string,
  steps: readonly Step[],
  given?: { attempts?: number; tokens?: number; cap?: number },
];

/** The quota of AWS counts in tokens, each retry costs some; here a retry costs 1, and a success earns as much less. */
function plays(cost: number, baseMs: number, cases: readonly Case[]): void {
  it.each(cases.map(([name, steps, given]) => ({ name, steps, given })))('$name', ({ steps, given = {} }) => {
    const { attempts = 3, tokens = 500, cap = 20 } = given;
    const budget = createBudget({ capacity: 500 / cost, earn: 1 / cost });
    budget.restore({ version: 1, level: tokens / cost, taken: 0, refused: 0 });
    const { call, answer } = server({ attempts, budget, backoff: exponential({ baseMs, capMs: cap * 1_000 }) });
    let running: HandCalls | undefined;
    const seen = steps.map(([code]): Step => {
      running ??= call();
      const waitMs = answer(running, code);
      const outcome = waitMs === undefined ? (code === 200 ? 'success' : 'exceeded') : waitMs / 1_000;
      if (waitMs === undefined) running = undefined;
      return [code, outcome, Math.round(budget.state.level * cost * 1_000) / 1_000];
    });
    expect(seen).toEqual(steps);
  });
}

// smithy-kotlin, standardRetryIntegrationTestCases: a retry costs 5 of 500 tokens, the first one waits a second, and
// chance is at its highest.
describe("vectors of AWS's standard mode for retryBackoff", () => {
  plays(5, 1_000, [
    [
      'Retry eventually succeeds',
      [
        [500, 1, 495],
        [500, 2, 490],
        [200, 'success', 495],
      ],
    ],
    [
      'Fail due to max attempts reached',
      [
        [502, 1, 495],
        [502, 2, 490],
        [502, 'exceeded', 490],
      ],
    ],
    [
      'Retry Quota reached after a single retry',
      [
        [500, 1, 0],
        [502, 'exceeded', 0],
      ],
      { tokens: 5 },
    ],
    ['No retries at all if retry quota is 0', [[500, 'exceeded', 0]], { tokens: 0 }],
    [
      'Verifying exponential backoff timing',
      [
        [500, 1, 495],
        [500, 2, 490],
        [500, 4, 485],
        [500, 8, 480],
        [500, 'exceeded', 480],
      ],
      { attempts: 5 },
    ],
    [
      'Verify max backoff time',
      [
        [500, 1, 495],
        [500, 2, 490],
        [500, 3, 485],
        [500, 3, 480],
        [500, 'exceeded', 480],
      ],
      { attempts: 5, cap: 3 },
    ],
  ]);
});

// smithy-typescript, retries.integ.spec.ts, "specification tests": as of 2026 a retry costs 14, and waits 50 ms first.
describe("vectors of AWS's standard mode of 2026 for retryBackoff", () => {
  plays(14, 50, [
    [
      'Retry eventually succeeds',
      [
        [500, 0.05, 486],
        [500, 0.1, 472],
        [200, 'success', 486],
      ],
    ],
    [
      'Fail due to max attempts reached',
      [
        [502, 0.05, 486],
        [502, 0.1, 472],
        [502, 'exceeded', 472],
      ],
    ],
    [
      'Retry Quota reached after a single retry',
      [
        [500, 0.05, 0],
        [500, 'exceeded', 0],
      ],
      { tokens: 14 },
    ],
    ['No retries at all if retry quota is 0', [[500, 'exceeded', 0]], { tokens: 0 }],
    [
      'Verifying exponential backoff timing',
      [
        [500, 0.05, 486],
        [500, 0.1, 472],
        [500, 0.2, 458],
        [500, 0.4, 444],
        [500, 'exceeded', 444],
      ],
      { attempts: 5 },
    ],
    [
      'Retry Stops After Retry Quota Exhaustion',
      [
        [500, 0.05, 6],
        [502, 'exceeded', 6],
      ],
      { attempts: 5, tokens: 20 },
    ],
    [
      'Retry quota Recovery After Successful Responses',
      [
        [500, 0.05, 16],
        [502, 0.1, 2],
        [200, 'success', 16],
        [500, 0.05, 2],
        [200, 'success', 16],
      ],
      { attempts: 5, tokens: 30 },
    ],
  ]);
  // A throttled call costs 5 there; here all cost the same.
  plays(5, 50, [
    [
      'Throttling Error: Backoff Duration of a second',
      [
        [429, 1, 495],
        [200, 'success', 500],
      ],
    ],
  ]);
});

const waits = (backoff: ReturnType<typeof exponential>, codes: readonly number[]) =>
  codes.map((code, n) => backoff(status(code), n + 1, () => 1));
const [T, X] = [429, 500];

describe('vectors of other back-offs for exponential', () => {
  // smithy-typescript, retries.integ.spec.ts, "retry timings".
  it.each([
    { of: '2025', codes: [X, X, X, X, X, X, X], ms: [100, 200, 400, 800, 1600, 3200, 6400] },
    { of: '2025', codes: [T, T, T, T, T, T, T], ms: [500, 1000, 2000, 4000, 8000, 16000, 20000] },
    { of: '2025', codes: [T, T, X, X, X, X, T], ms: [500, 1000, 400, 800, 1600, 3200, 20000] },
    { of: '2025', codes: [X, T, T, T, T, X, T], ms: [100, 1000, 2000, 4000, 8000, 3200, 20000] },
    { of: '2026', codes: [T, T, X, X, X, X, T], ms: [1000, 2000, 200, 400, 800, 1600, 20000] },
    { of: '2026', codes: [X, T, T, T, T, X, T], ms: [50, 2000, 4000, 8000, 16000, 1600, 20000] },
  ])('waits as of $of after $codes: $ms ms', ({ of, codes, ms }) => {
    const backoff = of === '2026' ? exponential({ baseMs: 50 }) : exponential({ throttledBaseMs: 500 });
    expect(waits(backoff, codes)).toEqual(ms);
  });

  it.each([
    [
      'cockatiel, ExponentialBackoff',
      { baseMs: 128, capMs: 30_000 },
      [128, 256, 512, 1024, 2048, 4096, 8192, 16384, 30000, 30000],
    ],
    ['Polly, Exponential', { baseMs: 1_000 }, [1000, 2000, 4000]],
    ['Polly, Exponential without a wait', { baseMs: 0 }, [0, 0, 0]],
    ['Polly, MaxDelay', { baseMs: 10_000, capMs: 1_000 }, [1000, 1000, 1000]],
    [
      'resilience4j, capped',
      { capMs: 100_000 },
      [100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 51200, 100000, 100000, 100000],
    ],
  ])('%s waits as long', (_, options, ms) => {
    expect(
      waits(
        exponential(options),
        ms.map(() => X),
      ),
    ).toEqual(ms);
  });
});

// grpc-go, test/retry_test.go, TestRetryThrottling: four attempts, ten tokens, half of one for each success.
describe('retry throttling of gRPC for retryBackoff', () => {
  it('is not the same: there a failure costs, and half of the tokens must be left; here a retry costs, and all may go', () => {
    const works = new Set([0, 3, 6, 10, 11, 12, 13, 14, 16, 18]);
    const budget = createBudget({ capacity: 10, earn: 0.5 });
    const { call, answer } = server({ attempts: 4, budget, backoff: () => 10 });
    let asked = 0;
    const run = (): [last: number, tokens: number] => {
      const one = call();
      while (answer(one, works.has(asked++) ? 200 : 500) !== undefined);
      return [asked - 1, budget.state.level];
    };
    // There, calls end with attempts 0, 3, 6, 8 and 9: the fourth is given up at five tokens, and so is the fifth.
    expect([run(), run(), run(), run()]).toEqual([
      [0, 10],
      [3, 9],
      [6, 8],
      [10, 6],
    ]);
  });
});

// cockatiel, src/RetryPolicy.test.ts; it counts retries, here attempts are counted.
describe('vectors of cockatiel for retryBackoff', () => {
  const sequence = (...ms: number[]) => server({ attempts: ms.length + 1, backoff: (_, retry) => ms[retry - 1]! });
  it.each([
    ['sets the retry delay', [50]],
    ['sets the retry sequence', [10, 20, 20]],
  ])('%s', (_, ms) => {
    const { call, answer } = sequence(...ms);
    const one = call();
    expect([...ms.map(() => answer(one, 500)), answer(one, 500)]).toEqual([...ms, undefined]);
    expect(one.attempts.length).toBe(ms.length + 1);
  });

  it('filters error types, and bubbles errors when attempts are exceeded', () => {
    const { call, answer } = server({ attempts: 6, when: (error) => (error as StatusError).status === 500 });
    const [filtered, exceeded] = [call(), call()];
    answer(filtered, 500);
    expect([answer(filtered, 503), filtered.attempts.length]).toEqual([undefined, 2]);
    while (answer(exceeded, 500) !== undefined);
    expect(exceeded.attempts.length).toBe(6);
  });
});
