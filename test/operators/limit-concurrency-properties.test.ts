import fc from 'fast-check';
import { BehaviorSubject, EMPTY, Observable, Subject, type Subscription } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { ConfigError } from '../../lib/core/errors.js';
import { type BulkheadSnapshot, createBulkhead } from '../../lib/core/policy/bulkhead.js';
import type { BulkheadSettings, BulkheadOptions } from '../../lib/core/policy/bulkhead-settings.js';
import { limitConcurrency, type LimitConcurrencyOptions } from '../../operators/limit-concurrency.js';
import { HandClock } from '../http/hand-clock.js';

type Step =
  | { readonly do: 'call'; readonly place: LimitConcurrencyOptions; readonly then: Then; readonly values: number }
  | { readonly do: 'next' | 'complete' | 'fail' | 'leave'; readonly which: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'limit'; readonly limit: number }
  | { readonly do: 'configure'; readonly changes: BulkheadSettings };

/** What a call does as soon as it starts. */
type Then = 'stay' | 'complete' | 'leave' | 'call again';

const place = fc.record({
  priority: fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const),
  key: fc.constantFrom('a', 'b', 'c'),
  cost: fc.constantFrom(1, 1, 1, 2, 5),
});
const then = fc.constantFrom<Then[]>('stay', 'stay', 'stay', 'complete', 'leave', 'call again');
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('call' as const), place, then, values: fc.nat(2) }) },
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constantFrom('next' as const, 'complete', 'fail', 'leave'), which: fc.nat(20) }),
    },
    fc.record({ do: fc.constant('wait' as const), ms: fc.nat(120) }),
    fc.record({ do: fc.constant('limit' as const), limit: fc.nat(4) }),
    fc.record({
      do: fc.constant('configure' as const),
      changes: fc.record({ maxWaiting: fc.nat(6), queueMs: fc.constantFrom(50, 300, Infinity) }),
    }),
  ),
  { maxLength: 80 },
);

interface Call {
  subscription?: Subscription;
  readonly source: Subject<number>;
  readonly cost: number;
  started: boolean;
  end?: string;
}

/** Does the steps, and asks after each one whether the figures are right. */
function play(given: readonly Step[]) {
  const clock = new HandClock();
  const limit = new BehaviorSubject(2);
  const bulkhead = createBulkhead({ limit, clock });
  const all: Call[] = [];
  const faults: string[] = [];
  const running = () => all.filter(({ started, end }) => started && end === undefined);
  const begin = (call: Call, what: Then, where: LimitConcurrencyOptions): void => {
    const others = running();
    call.started = true;
    const used = others.reduce((sum, { cost }) => sum + cost, call.cost);
    if (used > limit.value && others.length > 0) faults.push(`${used} used of ${limit.value}`);
    if (limit.value === 0) faults.push('started while paused');
    if (what === 'complete') complete(call);
    if (what === 'leave') leave(call);
    if (what === 'call again') make(where, 'stay');
  };
  const make = (where: LimitConcurrencyOptions, what: Then): void => {
    const call: Call = { source: new Subject(), cost: where.cost!, started: false };
    all.push(call);
    const started$ = new Observable<number>((subscriber) => {
      const inner = call.source.subscribe(subscriber);
      begin(call, what, where);
      return inner;
    });
    const over = (end: string) => (call.end ??= end);
    call.subscription = started$
      .pipe(limitConcurrency(bulkhead, where))
      .subscribe({ error: () => over('error'), complete: () => over('complete') });
    if (call.end === 'left') call.subscription.unsubscribe();
  };
  const leave = (call: Call): void => {
    call.end ??= 'left';
    call.subscription?.unsubscribe();
  };
  const check = (): void => {
    const live = all.filter(({ end }) => end === undefined);
    const { state } = bulkhead;
    expect(state.running).toBe(running().length);
    expect(state.used).toBe(running().reduce((sum, { cost }) => sum + cost, 0));
    expect(state.waiting).toBe(live.length - running().length);
    expect(state.started).toBe(all.filter(({ started }) => started).length);
    expect(state.rejected + state.expired).toBe(all.filter(({ started, end }) => !started && end === 'error').length);
    expect(limit.observed).toBe(live.length > 0);
    if (state.waiting === 0) expect(clock.pending).toBe(0);
  };
  for (const step of given) {
    if (step.do === 'call') make(step.place, step.then);
    else if (step.do === 'wait') clock.advance(step.ms);
    else if (step.do === 'limit') limit.next(step.limit);
    else if (step.do === 'configure') bulkhead.configure(step.changes);
    else act(all, step.do, step.which, leave);
    check();
  }
  expect(faults).toEqual([]);
  for (const call of all) leave(call);
  expect(bulkhead.state).toMatchObject({ running: 0, used: 0, waiting: 0 });
  expect([clock.pending, limit.observed, all.some(({ source }) => source.observed)]).toEqual([0, false, false]);
}

function act(all: readonly Call[], what: string, which: number, leave: (call: Call) => void): void {
  const live = all.filter(({ end }) => end === undefined);
  const call = live[which % live.length];
  if (!call) return;
  if (what === 'leave') leave(call);
  else if (what === 'next') call.source.next(1);
  else if (call.started) complete(call, what === 'fail');
}

/** It counts as over before it ends, since its place is handed over before the end is passed on. */
function complete(call: Call, failed = false): void {
  call.end = failed ? 'failed' : 'complete';
  if (failed) call.source.error(new Error('lost'));
  else call.source.complete();
}

describe('thousands of interleavings in limitConcurrency', () => {
  it('conserve places, start no more than the limit, and leave nothing alive', () => {
    fc.assert(fc.property(steps, play), { numRuns: 3000 });
  });

  it('serve everybody in the end who waits without a bound', () => {
    const calls = fc.array(place, { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(calls, fc.integer({ min: 1, max: 4 }), (places, limit) => {
        const bulkhead = createBulkhead({ limit, maxWaiting: Infinity, queueMs: Infinity, clock: new HandClock() });
        const open = new Set<Subject<never>>();
        const started$ = new Observable<never>((subscriber) => {
          const source = new Subject<never>();
          open.add(source);
          return source.subscribe(subscriber);
        });
        for (const one of places) started$.pipe(limitConcurrency(bulkhead, one)).subscribe();
        for (const source of open) source.complete();
        expect(bulkhead.state).toMatchObject({ started: places.length, running: 0, waiting: 0 });
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a bulkhead that is saved', () => {
  it('goes on counting where it was', () => {
    const before = createBulkhead({ limit: 1, maxWaiting: 0 });
    for (let n = 0; n < 2; n++) EMPTY.pipe(limitConcurrency(before)).subscribe();
    new Observable().pipe(limitConcurrency(before)).subscribe();
    EMPTY.pipe(limitConcurrency(before)).subscribe({ error: () => undefined });
    const saved = JSON.parse(JSON.stringify(before.snapshot())) as BulkheadSnapshot;
    const after = createBulkhead({ limit: 1 });
    after.restore(saved);
    expect(saved).toEqual({ version: 1, started: 3, rejected: 1, expired: 0 });
    expect(after.state).toEqual({ ...before.state, running: 0, used: 0 });
  });

  it.each([
    [{ version: 0 }, 'restore.version'],
    [{ started: 'x' }, 'restore.started'],
    [{ rejected: -1 }, 'restore.rejected'],
    [{ expired: 0.5 }, 'restore.expired'],
  ])('refuses %o, naming the field', (wrong, field) => {
    const bulkhead = createBulkhead({ limit: 1 });
    const snapshot = { ...bulkhead.snapshot(), ...wrong } as BulkheadSnapshot;
    expect(() => bulkhead.restore(snapshot)).toThrow(ConfigError);
    expect(() => bulkhead.restore(snapshot)).toThrow(`${field}:`);
  });
});

describe('the options of createBulkhead', () => {
  it.each([
    [{}, 'createBulkhead.limit: say how many'],
    [{ limit: 0 }, 'createBulkhead.limit: must be a whole number from 1'],
    [{ limit: 'many' }, 'createBulkhead.limit: must be a number, an Observable'],
    [{ limit: 1, maxWaiting: -1 }, 'createBulkhead.maxWaiting'],
    [{ limit: 1, queueMs: NaN }, 'createBulkhead.queueMs'],
    [{ limit: 1, maxWait: 1 }, 'did you mean "maxWaiting"?'],
  ])('refuse %o', (options, message) => {
    expect(() => createBulkhead(options as BulkheadOptions)).toThrow(message);
  });

  it('may change while calls run and wait, which stay where they are', () => {
    const bulkhead = createBulkhead({ limit: 1, clock: new HandClock() });
    const seen: string[] = [];
    bulkhead.changes.subscribe(({ limit, running, waiting }) => seen.push(`${running}/${limit}+${waiting}`));
    for (let n = 0; n < 3; n++) new Observable().pipe(limitConcurrency(bulkhead)).subscribe();
    bulkhead.configure({ limit: 2 });
    bulkhead.configure({ maxWaiting: 0, queueMs: 5 });
    expect(() => bulkhead.configure({ limit: 9, queueMs: -1 })).toThrow('configure.queueMs');
    expect(() => bulkhead.configure({ name: 'x' } as BulkheadSettings)).toThrow('configure.name');
    expect(bulkhead.state).toMatchObject({ limit: 2, running: 2, waiting: 1 });
    expect([seen[0], seen.at(-1)]).toEqual(['0/1+0', '2/2+1']);
  });
});
