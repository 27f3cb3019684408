import { map, of } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { ConfigError, NetworkError } from '../../lib/core/errors.js';
import type { FlowOperator } from '../../lib/core/flow.js';
import { createAdaptiveLimit } from '../../lib/core/policy/adaptive-limit.js';
import { createBreaker } from '../../lib/core/policy/breaker.js';
import { createBulkhead } from '../../lib/core/policy/bulkhead.js';
import { createHedge } from '../../lib/core/policy/hedge.js';
import { createRateLimiter } from '../../lib/core/policy/rate-limiter.js';
import { createThrottle } from '../../lib/core/policy/throttle.js';
import { through } from '../../lib/core/through.js';
import { obeysTheOperatorLaws } from '../../lib/testing/laws.js';
import { operatorObeysTheFlowRules } from '../../lib/testing/operator-rules.js';
import { adaptConcurrency } from '../../operators/adapt-concurrency.js';
import { breakCircuit } from '../../operators/break-circuit.js';
import { deadline } from '../../operators/deadline.js';
import { fallbackTo } from '../../operators/fallback-to.js';
import { hedge } from '../../operators/hedge.js';
import { limitConcurrency } from '../../operators/limit-concurrency.js';
import { limitRate } from '../../operators/limit-rate.js';
import { policies } from '../../operators/policies.js';
import { retryBackoff } from '../../operators/retry-backoff.js';
import { throttleClient } from '../../operators/throttle-client.js';
import { timeoutEach } from '../../operators/timeout-each.js';
import { gc } from '../support/gc.js';
import { marble } from '../support/marble.js';

/** Longer than the laws last. */
const MINUTES = 300_000;
const lost = new NetworkError('connection reset', 'receive');

/** Each policy, made anew. */
const make: Readonly<Record<string, () => FlowOperator<number, number>>> = {
  fallbackTo: () => fallbackTo(of(0)),
  deadline: () => deadline(1000),
  retryBackoff: () => retryBackoff(),
  hedge: () => hedge(createHedge()),
  breakCircuit: () => breakCircuit(createBreaker()),
  throttleClient: () => throttleClient(createThrottle()),
  limitConcurrency: () => limitConcurrency(createBulkhead({ limit: 2 })),
  adaptConcurrency: () => adaptConcurrency(createAdaptiveLimit()),
  limitRate: () => limitRate(createRateLimiter({ limit: 5 })),
  timeoutEach: () => timeoutEach(1000),
};

describe('policies', () => {
  obeysTheOperatorLaws(
    (clock) =>
      policies(
        deadline({ totalMs: MINUTES, clock }),
        retryBackoff({ clock }),
        timeoutEach({ attemptMs: MINUTES, clock }),
      ),
    { it, expect },
  );
  operatorObeysTheFlowRules(() => policies(deadline(MINUTES), retryBackoff(), timeoutEach(MINUTES)), {
    it,
    expect,
    gc,
  });

  marble('applies the outermost first: a retry inside a deadline, an attempt inside a retry', (t) => {
    const source = t.cold('  ----------');
    const expected = '       ---------#';
    const backoff = () => 1;
    const { clock } = t;

    const operator = policies(
      deadline({ totalMs: 9, clock }),
      retryBackoff({ backoff, clock }),
      timeoutEach({ attemptMs: 3, clock }),
    );
    t.expectObservable(source.pipe(operator, map(String))).toBe(
      expected,
      undefined,
      expect.objectContaining({ kind: 'timeout', which: 'total' }),
    );
    t.expectSubscriptions(source.subscriptions).toBe(['^--!', '----^--!', '--------^!']);
  });

  it('takes operators that are no policies anywhere', () => {
    let sum = 0;
    const doubled = through(map((n: number) => n * 2));
    of(1, 2)
      .pipe(policies(doubled, retryBackoff(), doubled, timeoutEach(1000)))
      .subscribe((n) => (sum += n));
    expect(sum).toBe(12);
  });

  it('can be an operator of other policies, and is checked with them', () => {
    const inner = policies(make['retryBackoff']!(), make['timeoutEach']!());
    expect(() => policies(make['deadline']!(), inner)).not.toThrow();
    expect(() => policies(make['retryBackoff']!(), inner)).toThrow(ConfigError);
  });

  it('wants at least one operator, and only those that keep demand', () => {
    expect(() => policies()).toThrow('policies: give at least one operator');
    expect(() => policies(make['deadline']!(), map((n: number) => n) as never)).toThrow(
      'policies[1]: is no operator of millrace; wrap a stock one: through(map(...))',
    );
    expect(() => policies(undefined as never)).toThrow(ConfigError);
  });
});

/** The recommended order: every pair of it is accepted this way round. */
const order = Object.keys(make).filter((name) => name !== 'adaptConcurrency');

/** Pairs that cannot work or have no effect, outermost first. */
const refused = [
  'timeoutEach retryBackoff',
  'retryBackoff deadline',
  'retryBackoff fallbackTo',
  'hedge fallbackTo',
  'breakCircuit fallbackTo',
  'throttleClient fallbackTo',
  'hedge retryBackoff',
  'limitConcurrency hedge',
  'adaptConcurrency hedge',
  'limitRate hedge',
  'throttleClient hedge',
  'limitRate retryBackoff',
  'throttleClient retryBackoff',
  'limitConcurrency retryBackoff',
  'adaptConcurrency retryBackoff',
  'timeoutEach limitConcurrency',
  'timeoutEach adaptConcurrency',
  'timeoutEach limitRate',
  'retryBackoff retryBackoff',
  'deadline deadline',
  'timeoutEach timeoutEach',
  'hedge hedge',
  'fallbackTo fallbackTo',
];

describe('the order of policies', () => {
  for (const [i, outer] of order.entries()) {
    for (const inner of order.slice(i + 1)) {
      it(`may be ${outer} around ${inner}`, () => {
        expect(() => policies(make[outer]!(), make[inner]!())).not.toThrow();
      });
    }
  }

  for (const pair of refused) {
    const [outer = '', inner = ''] = pair.split(' ');
    it(`may not be ${outer} around ${inner}, and says how to mend it`, () => {
      const build = () => policies(make[outer]!(), through(map((n: number) => n)), make[inner]!());
      expect(build).toThrow(ConfigError);
      expect(build).toThrow(new RegExp(`^policies: ${outer} around ${inner}: .*(put|leave) `));
    });
  }

  it('may not have one shared state twice', () => {
    const breaker = createBreaker();
    const twice = () => policies(breakCircuit<number>(breaker), breakCircuit<number>(breaker));
    expect(twice).toThrow('both share one state');
    expect(() => policies(breakCircuit(breaker), breakCircuit(createBreaker()))).not.toThrow();
  });

  it('is not checked in a plain pipe', () => {
    expect(() => of(1).pipe(retryBackoff(), timeoutEach(1000))).not.toThrow();
  });

  marble('lets a failure through to each policy once', (t) => {
    const source = t.cold('  -#    ', undefined, lost);
    const expected = '       ---(0|)';
    const { clock } = t;

    const operator = policies(
      fallbackTo(of(0)),
      retryBackoff<number>({ attempts: 2, backoff: () => 1, clock }),
      timeoutEach({ clock }),
    );
    t.expectObservable(source.pipe(map(Number), operator)).toBe(expected, { 0: 0 });
    t.expectSubscriptions(source.subscriptions).toBe(['^!', '--^!']);
  });
});
