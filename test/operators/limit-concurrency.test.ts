import { BehaviorSubject, EMPTY, merge, NEVER, Observable, of, repeat, Subject, type Subscription, take } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { ConfigError, NetworkError, RejectedError, TimeoutError } from '../../lib/core/errors.js';
import { createBreaker } from '../../lib/core/policy/breaker.js';
import { type Bulkhead, createBulkhead } from '../../lib/core/policy/bulkhead.js';
import type { BulkheadOptions } from '../../lib/core/policy/bulkhead-settings.js';
import type { LimitSource } from '../../lib/core/policy/limit-source.js';
import { obeysTheOperatorLaws } from '../../lib/testing/laws.js';
import { operatorObeysTheFlowRules } from '../../lib/testing/operator-rules.js';
import { limitConcurrency, type LimitConcurrencyOptions } from '../../operators/limit-concurrency.js';
import { gc } from '../support/gc.js';
import { marble } from '../support/marble.js';

const lost = new NetworkError('connection reset', 'receive');

/** Calls that end when the test says so, and note the order in which they start. */
function bench(options: BulkheadOptions) {
  const bulkhead = createBulkhead(options);
  const order: string[] = [];
  const errors: [string, unknown][] = [];
  const sources = new Map<string, Subject<number>>();
  const call = (name: string, place?: LimitConcurrencyOptions): Subscription => {
    const source = new Subject<number>();
    sources.set(name, source);
    const started$ = new Observable<number>((subscriber) => (order.push(name), source.subscribe(subscriber)));
    const error = (thrown: unknown) => errors.push([name, thrown]);
    return started$.pipe(limitConcurrency(bulkhead, place)).subscribe({ error });
  };
  const end = (name: string) => sources.get(name)!.complete();
  return { bulkhead, order, errors, sources, call, end };
}

describe('limitConcurrency', () => {
  obeysTheOperatorLaws((clock) => limitConcurrency(createBulkhead({ limit: 10, clock })), { it, expect });

  describe('in a Flow', () => {
    operatorObeysTheFlowRules(() => limitConcurrency(createBulkhead({ limit: 10 })), { it, expect, gc });
  });

  describe('in a Flow, under an Observable limit', () => {
    const limit = new BehaviorSubject(10);
    operatorObeysTheFlowRules(() => limitConcurrency(createBulkhead({ limit })), { it, expect, gc });
  });

  marble('runs so many at once, and starts the next one when one completes', (t) => {
    const bulkhead = createBulkhead({ limit: 2, clock: t.clock });
    const calls = [t.cold('---a|'), t.cold('-b---|'), t.cold('-c|')];
    const expected = '          -b-a-c|';

    t.expectObservable(merge(...calls.map((call) => call.pipe(limitConcurrency(bulkhead))))).toBe(expected);
    t.expectSubscriptions(calls[0]!.subscriptions).toBe('^---!');
    t.expectSubscriptions(calls[1]!.subscriptions).toBe('^----!');
    t.expectSubscriptions(calls[2]!.subscriptions).toBe('----^-!');
  });

  marble('starts the next one when one fails', (t) => {
    const bulkhead = createBulkhead({ limit: 1, clock: t.clock });
    const fails = t.cold('-#', undefined, lost);
    const next = t.cold('  a|');

    t.expectObservable(fails.pipe(limitConcurrency(bulkhead))).toBe('-#', undefined, lost);
    t.expectObservable(next.pipe(limitConcurrency(bulkhead))).toBe(' -a|');
  });

  marble('starts the next one when one is left', (t) => {
    const bulkhead = createBulkhead({ limit: 1, clock: t.clock });
    const endless = t.cold('a');
    const next = t.cold('   b|');

    t.expectObservable(endless.pipe(limitConcurrency(bulkhead)), '--!').toBe('a');
    t.expectObservable(next.pipe(limitConcurrency(bulkhead))).toBe('--b|');
    t.expectSubscriptions(endless.subscriptions).toBe('^-!');
  });

  marble('turns a call away at once when twice the limit wait', (t) => {
    const bulkhead = createBulkhead({ limit: 1, clock: t.clock });
    const call = t.cold('-----|');
    const refused: unknown[] = [];

    for (let n = 0; n < 4; n++) {
      call.pipe(limitConcurrency(bulkhead)).subscribe({ error: (error: unknown) => refused.push(error) });
    }
    expect(refused).toEqual([expect.any(RejectedError)]);
    expect(refused).toMatchObject([{ why: 'queue-full', transient: false, retryable: false }]);
    expect(bulkhead.state).toMatchObject({ running: 1, waiting: 2, rejected: 1 });
    t.flush();
    t.expectSubscriptions(call.subscriptions).toBe(['^----!', '-----^----!', '----------^----!']);
  });

  marble('gives up a wait that takes longer than queueMs', (t) => {
    const bulkhead = createBulkhead({ limit: 1, queueMs: 3, clock: t.clock });
    const error = new TimeoutError('queue', 3);

    t.expectObservable(t.cold('-----|').pipe(limitConcurrency(bulkhead))).toBe('-----|');
    t.expectObservable(t.cold('-|').pipe(limitConcurrency(bulkhead))).toBe('   ---#', undefined, error);
    t.flush();
    expect(bulkhead.state).toMatchObject({ running: 0, waiting: 0, expired: 1, rejected: 0 });
  });

  it('takes a place for each subscription, none when it is put together', () => {
    const bulkhead = createBulkhead({ limit: 1 });
    const call$ = EMPTY.pipe(limitConcurrency(bulkhead));
    expect(bulkhead.state.started).toBe(0);
    call$.pipe(repeat(3)).subscribe();
    expect(bulkhead.state).toMatchObject({ started: 3, running: 0 });
  });

  it('gives the place back before it passes the end on, and once', () => {
    const { bulkhead, call, end, sources } = bench({ limit: 1 });
    const seen: number[] = [];
    of(1)
      .pipe(limitConcurrency(bulkhead))
      .subscribe({ complete: () => seen.push(bulkhead.state.running) });
    const one = call('a');
    end('a');
    one.unsubscribe();
    sources.get('a')!.error(lost);
    NEVER.pipe(limitConcurrency(bulkhead), take(0)).subscribe();
    expect([seen, bulkhead.state.running]).toEqual([[0], 0]);
  });
});

describe('a place in limitConcurrency', () => {
  it('costs what is said, and one that costs more than there is runs alone', () => {
    const { bulkhead, call, end, order } = bench({ limit: 3, maxWaiting: 10 });
    call('two', { cost: 2 });
    call('nine', { cost: 9 });
    call('one');
    expect([order, bulkhead.state.used]).toEqual([['two'], 2]);
    end('two');
    expect([order, bulkhead.state.used, bulkhead.state.running]).toEqual([['two', 'nine'], 9, 1]);
    end('nine');
    expect([order, bulkhead.state.used]).toEqual([['two', 'nine', 'one'], 1]);
  });

  it('is free for others when one leaves that was too large for what was left', () => {
    const { call, order } = bench({ limit: 3, maxWaiting: 10 });
    call('two', { cost: 2 });
    const large = call('large', { cost: 2 });
    call('small');
    expect(order).toEqual(['two']);
    large.unsubscribe();
    expect(order).toEqual(['two', 'small']);
  });

  it('is handed over: one that comes while it is free for a moment does not get it (cockatiel: order late, q2, q1)', () => {
    const { call, end, order, sources } = bench({ limit: 1, maxWaiting: 10 });
    call('first');
    call('q1');
    sources.get('first')!.subscribe({ complete: () => call('late') });
    call('q2');
    end('first');
    end('q1');
    end('q2');
    expect(order).toEqual(['first', 'q1', 'q2', 'late']);
  });
});

describe('a limit of limitConcurrency that changes', () => {
  it('starts more at once when it rises, and stops nobody when it falls', () => {
    const limit = new BehaviorSubject(1);
    const { bulkhead, call, end, order } = bench({ limit, maxWaiting: 10 });
    for (const name of ['a', 'b', 'c', 'd']) call(name);
    limit.next(3);
    expect(order).toEqual(['a', 'b', 'c']);
    limit.next(1);
    end('a');
    end('b');
    expect([order, bulkhead.state.running, bulkhead.state.limit]).toEqual([['a', 'b', 'c'], 1, 1]);
    end('c');
    expect(order).toEqual(['a', 'b', 'c', 'd']);
  });

  it('pauses at 0, and lets calls wait until an Observable has said something', () => {
    const limit = new Subject<number>();
    const { call, order, bulkhead } = bench({ limit });
    call('a');
    expect([order, bulkhead.state]).toMatchObject([[], { limit: 0, waiting: 1 }]);
    limit.next(1);
    limit.next(0);
    call('b');
    expect(order).toEqual(['a']);
  });

  it('is followed while anything runs or waits, and no longer', () => {
    const limit = new BehaviorSubject(1);
    const { call, end, bulkhead } = bench({ limit, maxWaiting: 0 });
    expect(limit.observed).toBe(false);
    call('a');
    expect(limit.observed).toBe(true);
    end('a');
    expect(limit.observed).toBe(false);
    limit.next(0);
    EMPTY.pipe(limitConcurrency(bulkhead)).subscribe({ error: () => undefined });
    expect([limit.observed, bulkhead.state.rejected]).toEqual([false, 1]);
    limit.next(1);
    of(1).pipe(limitConcurrency(bulkhead)).subscribe();
    expect([limit.observed, bulkhead.state.started]).toEqual([false, 2]);
  });

  it('that fails turns those away that wait or come while others run, then is asked anew', () => {
    const limit = new Subject<number>();
    const { call, end, errors, bulkhead, order } = bench({ limit, maxWaiting: 10 });
    call('a');
    limit.next(1);
    call('b');
    limit.error(lost);
    call('c');
    expect(errors).toEqual([
      ['b', lost],
      ['c', lost],
    ]);
    end('a');
    expect(bulkhead.state).toMatchObject({ running: 0, waiting: 0 });
    call('d');
    expect([errors.at(-1), order]).toEqual([['d', lost], ['a']]);
  });

  it('that is no limit is an error too', () => {
    const { call, errors } = bench({ limit: of(1.5) });
    call('a');
    expect(errors).toMatchObject([['a', { kind: 'config', field: 'createBulkhead.limit' }]]);
  });

  it('that adapts is told of each call, without its wait, and followed while calls wait', () => {
    const samples: unknown[][] = [];
    const changes = new Subject<number>();
    const source = { limit: 1, changes, sample: (...given: unknown[]) => samples.push(given) };
    let nowMs = 0;
    const clock = { now: () => nowMs, after: () => () => undefined };
    const { call, end, sources, order } = bench({ limit: source as LimitSource, clock });
    call('a');
    expect(changes.observed).toBe(false);
    call('b');
    expect(changes.observed).toBe(true);
    nowMs = 30;
    end('a');
    nowMs = 50;
    call('c').unsubscribe();
    sources.get('b')!.error(lost);
    expect(samples).toEqual([
      [30, 1, 'success'],
      [20, 1, 'failure'],
    ]);
    call('d');
    call('e');
    source.limit = 2;
    changes.next(2);
    expect([order, changes.observed]).toEqual([['a', 'b', 'd', 'e'], false]);
  });

  it('and takes the place of one that adapts gets no sample of what ran before', () => {
    const samples: number[] = [];
    const adapting = () => ({ limit: 5, changes: NEVER, sample: (ms: number) => void samples.push(ms) });
    const { call, end, bulkhead } = bench({ limit: 5 });
    call('a');
    bulkhead.configure({ limit: adapting() });
    call('b');
    end('a');
    end('b');
    expect(samples).toHaveLength(1);
  });
});

describe('300 000 calls in limitConcurrency', () => {
  it('that complete at once do not pile up on the stack', () => {
    const limit = new BehaviorSubject(0);
    const bulkhead = createBulkhead({ limit, maxWaiting: Infinity, queueMs: Infinity });
    const call$ = EMPTY.pipe(limitConcurrency(bulkhead));
    for (let n = 0; n < 300_000; n++) call$.subscribe();
    limit.next(1);
    expect(bulkhead.state).toMatchObject({ started: 300_000, running: 0, waiting: 0 });
  });
});

describe('what limitConcurrency is given', () => {
  it.each([
    [{ priority: 4 }, 'limitConcurrency.priority: must be 0, 1, 2 or 3, not 4'],
    [{ cost: 0 }, 'limitConcurrency.cost: must be a whole number from 1, not 0'],
    [{ weight: 1 }, 'limitConcurrency.weight: unknown option'],
  ])('is refused when it is %o', (options, message) => {
    const bulkhead = createBulkhead({ limit: 1 });
    expect(() => limitConcurrency(bulkhead, options as LimitConcurrencyOptions)).toThrow(ConfigError);
    expect(() => limitConcurrency(bulkhead, options as LimitConcurrencyOptions)).toThrow(message);
  });

  it('is refused when it is no bulkhead', () => {
    for (const wrong of [undefined, {}, createBreaker()] as unknown as Bulkhead[]) {
      expect(() => limitConcurrency(wrong)).toThrow('must be what createBulkhead() returns');
    }
    expect(() => limitConcurrency({} as Bulkhead)).toThrow(ConfigError);
  });
});
