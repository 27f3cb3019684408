import { firstValueFrom, map, NEVER, Observable, of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { createBudget } from '../../lib/core/budget.js';
import { ConfigError, NetworkError } from '../../lib/core/errors.js';
import { createBreaker } from '../../lib/core/policy/breaker.js';
import { createBulkhead } from '../../lib/core/policy/bulkhead.js';
import { createHedge } from '../../lib/core/policy/hedge.js';
import { createRateLimiter } from '../../lib/core/policy/rate-limiter.js';
import { createThrottle } from '../../lib/core/policy/throttle.js';
import { obeysTheOperatorLaws } from '../../lib/testing/laws.js';
import { operatorObeysTheFlowRules } from '../../lib/testing/operator-rules.js';
import { standardPolicies, type StandardPoliciesOptions } from '../../operators/standard-policies.js';
import { gc } from '../support/gc.js';
import { marble } from '../support/marble.js';

const lost = new NetworkError('connection reset', 'receive');
/** Longer than the laws last. */
const MINUTES = 300_000;
const patient = { totalMs: MINUTES, attemptMs: MINUTES };

describe('standardPolicies', () => {
  obeysTheOperatorLaws((clock) => standardPolicies({ ...patient, clock }), { it, expect });
  operatorObeysTheFlowRules(() => standardPolicies(patient), { it, expect, gc });

  describe('with everything there is', () => {
    const everything = (): StandardPoliciesOptions<number> => ({
      ...patient,
      fallback: (error) => throwError(() => error),
      hedge: createHedge(),
      throttle: createThrottle(),
      rate: createRateLimiter({ limit: 1e6 }),
      name: 'prices',
    });
    operatorObeysTheFlowRules(() => standardPolicies(everything()), { it, expect, gc });
  });

  marble('retries what fails and passes', (t) => {
    const source = t.cold('  -#        ', undefined, lost);
    const expected = '       ---------#';

    const operator = standardPolicies<string>({ retry: { backoff: (_, retry) => retry * 2 }, clock: t.clock });
    t.expectObservable(source.pipe(operator)).toBe(expected, undefined, lost);
    t.expectSubscriptions(source.subscriptions).toBe(['^!', '---^!', '--------^!']);
  });

  marble('bounds an attempt, and everything together', (t) => {
    const source = t.cold('  ----------');
    const expected = '       ---------#';

    const limits = { attemptMs: 3, totalMs: 9, retry: { backoff: () => 1 }, clock: t.clock };
    t.expectObservable(source.pipe(standardPolicies(limits), map(String))).toBe(
      expected,
      undefined,
      expect.objectContaining({ which: 'total' }),
    );
    t.expectSubscriptions(source.subscriptions).toBe(['^--!', '----^--!', '--------^!']);
  });

  marble('answers by the fallback when all else failed', (t) => {
    const source = t.cold('  -#   ', undefined, lost);
    const expected = '       -(f|)';

    const operator = standardPolicies({ retry: false, fallback: () => of('f'), clock: t.clock });
    t.expectObservable(source.pipe(operator)).toBe(expected);
  });

  it('opens one breaker for all its subscriptions', () => {
    const careful = standardPolicies<number>({ retry: false });
    const errors: unknown[] = [];
    for (let i = 0; i < 30; i++)
      throwError(() => lost)
        .pipe(careful)
        .subscribe({ error: (e: unknown) => errors.push(e) });
    expect(errors.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => lost));
    expect(errors.slice(20)).toMatchObject(
      Array.from({ length: 10 }, () => ({ kind: 'rejected', why: 'circuit-open' })),
    );
  });

  it('runs 20 at first, and lets others wait', () => {
    const careful = standardPolicies<never>();
    let running = 0;
    const source = new Observable<never>(() => {
      running++;
      return () => void running--;
    });
    const all = Array.from({ length: 100 }, () => source.pipe(careful).subscribe());
    expect(running).toBe(20);
    for (const one of all) one.unsubscribe();
    expect(running).toBe(0);
  });

  it('uses what it is given', async () => {
    const breaker = createBreaker();
    const concurrency = createBulkhead({ limit: 1 });
    const budget = createBudget({ capacity: 1 });
    const careful = standardPolicies<never>({ breaker, concurrency, retry: { budget, backoff: () => 0 } });
    const subscription = NEVER.pipe(careful).subscribe();
    expect(concurrency.state.running).toBe(1);
    subscription.unsubscribe();
    breaker.isolate();
    await expect(firstValueFrom(of(1).pipe(careful as never))).rejects.toMatchObject({ why: 'circuit-open' });
  });

  it('leaves out what is false', () => {
    const bare = { totalMs: false, retry: false, breaker: false, concurrency: false } as const;
    let result = 0;
    of(1)
      .pipe(standardPolicies(bare))
      .subscribe((n) => (result = n));
    expect(result).toBe(1);
    expect(() => standardPolicies({ ...bare, attemptMs: false })).toThrow('give at least one operator');
  });

  it('names the option that is wrong', () => {
    expect(() => standardPolicies({ totalMS: 5 } as never)).toThrow(/totalMS.*totalMs/);
    expect(() => standardPolicies({ totalMs: -1 })).toThrow(ConfigError);
    expect(() => standardPolicies({ breaker: {} as never })).toThrow('must be what createBreaker() returns');
  });
});
