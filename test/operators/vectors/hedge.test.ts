import { Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { createBudget } from '../../../lib/core/budget.js';
import { NetworkError } from '../../../lib/core/errors.js';
import { createHedge } from '../../../lib/core/policy/hedge.js';
import type { HedgeOptions } from '../../../lib/core/policy/hedge-types.js';
import { hedge } from '../../../operators/hedge.js';
import { handClock } from '../../support/hand-clock.js';

/** How an attempt ends so many milliseconds after it began. */
type Attempt = readonly [ms: number, end: 'ok' | 'fails' | 'for good'];

/** What a call came to: whose result, when, and how many hedges were sent. */
type Result = readonly [attempt: string, atMs: number, hedges: number];

function play(options: HedgeOptions, attempts: readonly Attempt[]): Result {
  const clock = handClock();
  const startMs = clock.now();
  const shared = createHedge({ clock, ...options });
  let started = 0;
  const call$ = new Observable<string>((to) => {
    const number = ++started;
    const [ms, end] = attempts[number - 1] ?? [Infinity, 'ok'];
    return clock.after(ms, () => {
      if (end === 'ok') to.next(`${number}`);
      else
        to.error(
          new NetworkError(`${number} failed`, 'receive', { transient: end === 'fails', retryable: end === 'fails' }),
        );
    });
  });
  let result: [string, number] = ['none', 0];
  const tell = (what: string) => (result = [what, clock.now() - startMs]);
  call$.pipe(hedge(shared)).subscribe({ next: tell, error: (error: Error) => tell(error.message) });
  clock.pass(60_000);
  return [...result, shared.state.hedges];
}

type Vector = readonly [title: string, attempts: readonly Attempt[], result: Result, options?: HedgeOptions];

function plays(defaults: HedgeOptions, vectors: readonly Vector[]): void {
  for (const [title, attempts, result, options] of vectors) {
    it(title, () => expect(play({ ...defaults, ...options }, attempts)).toEqual(result));
  }
}

// resilience4j, HedgeImplCompletionStageBehaviorsTest: a hedge after 50 ms. There the call ends with whichever attempt
// ends first; here a failure that may pass waits for the other attempt, as gRPC has it.
describe('vectors of resilience4j for hedge', () => {
  const [slow, fast] = [1_000, 10];
  plays({ delayMs: 50 }, [
    [
      'slow primary success, fast hedge success: the hedge',
      [
        [slow, 'ok'],
        [fast, 'ok'],
      ],
      ['2', 60, 1],
    ],
    [
      'slow primary success, slow hedge success: the primary',
      [
        [slow, 'ok'],
        [slow, 'ok'],
      ],
      ['1', 1_000, 1],
    ],
    [
      'slow primary success, slow hedge failure: the primary',
      [
        [slow, 'ok'],
        [slow, 'fails'],
      ],
      ['1', 1_000, 1],
    ],
    [
      'slow primary failure, fast hedge success: the hedge',
      [
        [slow, 'fails'],
        [fast, 'ok'],
      ],
      ['2', 60, 1],
    ],
    ['fast primary success: no hedge', [[fast, 'ok']], ['1', 10, 0]],
    [
      'slow primary failure, slow hedge failure: the failure of the primary, when both have failed',
      [
        [slow, 'fails'],
        [slow, 'fails'],
      ],
      ['1 failed', 1_050, 1],
    ],
    // There the failure of the hedge.
    [
      'slow primary success, fast hedge failure',
      [
        [slow, 'ok'],
        [fast, 'fails'],
      ],
      ['1', 1_000, 1],
    ],
    [
      'slow primary failure, fast hedge failure',
      [
        [slow, 'fails'],
        [fast, 'fails'],
      ],
      ['1 failed', 1_000, 1],
    ],
    // There the failure of the primary.
    [
      'slow primary failure, slow hedge success',
      [
        [slow, 'fails'],
        [slow, 'ok'],
      ],
      ['2', 1_050, 1],
    ],
    // There, no hedge at all: here at once, in place of the attempt that failed.
    [
      'fast primary failure',
      [
        [fast, 'fails'],
        [fast, 'ok'],
      ],
      ['2', 20, 1],
    ],
  ]);
});

// gRPC proposal A6, "Hedging policy": four attempts, half a second apart; a failure that may pass sends the next at once.
describe('vectors of gRPC for hedge', () => {
  const never: Attempt = [60_001, 'ok'];
  plays({ delayMs: 500, maxHedges: 3 }, [
    ['an attempt each half a second', [never, never, never, [100, 'ok']], ['4', 1_600, 3]],
    ['no more than four', [never, never, never, never, [0, 'ok']], ['none', 0, 3]],
    [
      'the next at once, and half a second from then the one after it',
      [[200, 'fails'], never, [100, 'ok']],
      ['3', 800, 2],
    ],
    // Of whichever attempt the failure is.
    ['the same where the first one fails late', [[700, 'fails'], never, never, [100, 'ok']], ['4', 1_300, 3]],
    ['a failure that does not pass ends the call', [never, [200, 'for good'], [0, 'ok']], ['2 failed', 700, 1]],
    [
      'the last failure ends it',
      [
        [1, 'fails'],
        [1, 'fails'],
        [1, 'fails'],
        [1, 'fails'],
      ],
      ['1 failed', 4, 3],
    ],
  ]);
});

// Polly, test/Polly.Core.Tests/Hedging/HedgingResilienceStrategyTests.cs.
describe('vectors of Polly for hedge', () => {
  const slow: Attempt = [1_000, 'ok'];
  const failing: Attempt = [10, 'fails'];
  plays({ delayMs: 0, maxHedges: 3 }, [
    ['ZeroHedgingDelay: all at once', [slow, slow, slow, [500, 'ok']], ['4', 500, 3]],
    ['InfiniteHedgingDelay: one after the other', [failing, failing, [10, 'ok']], ['3', 30, 2], { delayMs: Infinity }],
    ['InfiniteHedgingDelay: a slow one is waited for', [slow], ['1', 1_000, 0], { delayMs: Infinity }],
    [
      'the original call is the slowest, and its failure is told',
      [[900, 'fails'], failing, failing, failing],
      ['1 failed', 900, 3],
    ],
    ['PrimaryExceptionNotHandled', [[10, 'for good'], slow], ['1 failed', 10, 0], { delayMs: 100 }],
    ['ShouldReturnAnyPossibleResult', [slow, [30, 'ok']], ['2', 130, 1], { delayMs: 100 }],
  ]);
});

// failsafe-go, test/hedgepolicy_test.go, and test/issues/issue141_test.go.
describe('vectors of failsafe-go for hedge', () => {
  const [never, late]: Attempt[] = [
    [60_001, 'ok'],
    [100, 'ok'],
  ];
  plays({ delayMs: 10 }, [
    ['no hedge when the delay is not exceeded', [[1, 'ok']], ['1', 1, 0], { delayMs: 1_000 }],
    ['all hedges used', [late!, late!, late!], ['1', 100, 2], { delayMs: 20, maxHedges: 2 }],
    ['a result after the second hedge', [never!, never!, [0, 'ok']], ['3', 20, 2], { maxHedges: 4 }],
    [
      'backup executions, which are hedges after 0 ms',
      [late!, [5, 'ok'], never!],
      ['2', 5, 2],
      { delayMs: 0, maxHedges: 2 },
    ],
    [
      'a budget that is spent leaves the attempts that run alone',
      [[200, 'ok']],
      ['1', 200, 0],
      { budget: createBudget({ capacity: 0 }) },
    ],
  ]);

  it('by quantile: none of the first twenty calls is hedged, then one that is slow', () => {
    const clock = handClock();
    const shared = createHedge({ clock, quantile: 0.95, minSamples: 20 });
    const run = (ms: number) => {
      new Observable<number>((to) => clock.after(ms, () => to.next(ms))).pipe(hedge(shared)).subscribe();
      clock.pass(ms);
    };
    for (let n = 0; n < 20; n++) run(5);
    expect(shared.state.hedges).toBe(0);
    for (let n = 0; n < 5; n++) run(5);
    run(200);
    expect(shared.state.hedges).toBe(1);
  });
});
