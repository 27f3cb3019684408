import { describe, expect, it } from 'vitest';

import { createBudget } from '../../lib/core/budget.js';
import { NetworkError, TimeoutError } from '../../lib/core/errors.js';
import { createHedge } from '../../lib/core/policy/hedge.js';
import type { HedgeOptions } from '../../lib/core/policy/hedge-types.js';
import { type PolicyEvent, policyEvents } from '../../lib/core/policy/policy-events.js';
import { hedge } from '../../operators/hedge.js';
import { handClock } from '../support/hand-clock.js';
import { HandCalls } from '../support/calls.js';

const lost = new NetworkError('connection reset', 'receive');

function trial(options: HedgeOptions = {}) {
  const clock = handClock();
  const shared = createHedge({ clock, ...options });
  const call = () => new HandCalls(hedge(shared));
  /** Calls that take so long, one after the other. */
  const took = (...durations: number[]) => {
    for (const ms of durations) {
      const one = call();
      clock.pass(ms);
      one.attempts[0]!.next('value');
      one.attempts[0]!.complete();
    }
  };
  return { clock, shared, call, took };
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('the live delay of a hedge', () => {
  it('is unknown before twenty calls, which are not hedged then, even when they fail', () => {
    const { clock, shared, call, took } = trial();
    took(...upTo(19));
    expect(shared.state.delayMs).toBeUndefined();
    const [slow, failing] = [call(), call()];
    failing.attempts[0]!.error(lost);
    clock.pass(60_000);
    expect([slow.attempts.length, failing.attempts.length, failing.told]).toEqual([1, 1, [lost]]);
    expect(clock.pending).toBe(0);
  });

  it('is the 95th percentile of lately, at least ten milliseconds', () => {
    const { clock, shared, call, took } = trial();
    took(...Array<number>(20).fill(1));
    expect(shared.state.delayMs).toBe(10);
    took(...upTo(100).map((n) => n + 100));
    // Of 120 the 114th: 194 ms, and where its bucket ends.
    expect(shared.state.delayMs).toBe(196);
    const slow = call();
    clock.pass(195);
    expect(slow.attempts.length).toBe(1);
    clock.pass(1);
    expect(slow.attempts.length).toBe(2);
  });

  it('follows when the server becomes slower, and forgets what it was', () => {
    const { clock, shared, took } = trial({ share: 0 });
    took(...Array<number>(100).fill(20));
    took(...Array<number>(400).fill(100));
    expect(shared.state.delayMs).toBe(102);
    clock.pass(30_000);
    expect(shared.state.delayMs).toBeUndefined();
  });

  it('learns from successes, timeouts and attempts overtaken, not from failures or calls that were left', () => {
    const seen: number[] = [];
    const noting = { count: 0, quantile: () => undefined, record: (ms: number) => void seen.push(ms) };
    const noted = trial({ delayMs: 50, histogram: noting as never });
    const pass = (ms: number) => noted.clock.pass(ms);

    const quick = noted.call();
    pass(7);
    quick.attempts[0]!.next('value');
    pass(100);
    quick.attempts[0]!.complete();

    const overtaken = noted.call();
    pass(60);
    overtaken.attempts[1]!.next('value');

    const late = noted.call();
    pass(30);
    late.attempts[0]!.error(new TimeoutError('attempt', 30, { retryable: false }));

    const queued = noted.call();
    pass(20);
    queued.attempts[0]!.error(new TimeoutError('queue', 20, { retryable: false }));

    const fails = noted.call();
    pass(1);
    fails.attempts[0]!.error(new NetworkError('refused', 'connect', { retryable: false }));

    const left = noted.call();
    pass(2);
    left.leave();

    const hedgeOvertaken = noted.call();
    pass(51);
    hedgeOvertaken.attempts[0]!.next('value');
    expect(seen).toEqual([7, 10, 60, 30, 51]);
  });
});

describe('the budgets of a hedge', () => {
  it('pay for ten hedges at first, and then for one of twenty calls', () => {
    const { clock, shared, call } = trial({ delayMs: 5 });
    const sent = upTo(210).map(() => {
      const one = call();
      clock.pass(10);
      one.attempts[0]!.next('value');
      return one.attempts.length - 1;
    });
    expect(sent.reduce((sum, one) => sum + one, 0)).toBe(20);
    expect(shared.state).toMatchObject({ calls: 210, hedges: 20, refused: 190 });
  });

  it('let the call go on without a hedge when they are spent (failsafe-go#141)', () => {
    for (const options of [{ share: 0 }, { budget: createBudget({ capacity: 0 }) }]) {
      const { clock, call } = trial({ delayMs: 5, ...options });
      const events: PolicyEvent[] = [];
      const running = 'budget' in options ? [call()] : upTo(11).map(call);
      clock.pass(4);
      const listening = policyEvents.subscribe((event) => events.push(event));
      clock.pass(60_000);
      listening.unsubscribe();
      const last = running.at(-1)!;
      expect(last.attempts.length).toBe(1);
      expect(events.at(-1)).toMatchObject({ type: 'rejected', policy: 'hedge', why: 'budget' });
      last.attempts[0]!.next('value');
      last.attempts[0]!.complete();
      expect(last.told).toEqual(['value', 'complete']);
    }
  });

  it('pass the error on when they cannot pay for a hedge in place of a failed call', () => {
    const { call } = trial({ delayMs: 5, budget: createBudget({ capacity: 0 }) });
    const one = call();
    one.attempts[0]!.error(lost);
    expect([one.attempts.length, one.told]).toEqual([1, [lost]]);
  });

  it('take from the shared one too, which gets it back only when the hedge wins', () => {
    const budget = createBudget();
    const { clock, shared, call } = trial({ delayMs: 5, budget });
    const [wins, loses] = [call(), call()];
    clock.pass(5);
    expect(budget.state).toMatchObject({ level: 8, taken: 2 });
    wins.attempts[1]!.next('value');
    loses.attempts[0]!.next('value');
    expect(budget.state.level).toBe(9);
    expect(shared.state).toMatchObject({ wins: 1, hedges: 2, level: 8 });
  });

  it('save up more than ten hedges where there are many calls, and forget that when there are few', () => {
    const { clock, shared, call } = trial({ delayMs: 5, share: 0.5 });
    for (let n = 0; n < 300; n++) {
      const one = call();
      clock.pass(1);
      one.attempts[0]!.next('value');
    }
    expect(Math.abs(shared.state.level - 49)).toBeLessThan(2);
    clock.pass(60_000);
    expect(shared.state.delayMs).toBe(5);
    expect(shared.state.level).toBe(10);
  });

  it('are not charged on one side only', () => {
    const { clock, shared, call } = trial({ delayMs: 5, budget: createBudget({ capacity: 0 }) });
    call();
    clock.pass(5);
    expect(shared.state).toMatchObject({ level: 10, refused: 1, hedges: 0 });
  });

  it('get back what a listener that leaves has kept from being sent', () => {
    const budget = createBudget();
    const { clock, shared, call } = trial({ delayMs: 5, budget });
    const one = call();
    budget.changes.subscribe(({ taken }) => taken > 0 && one.leave());
    clock.pass(5);
    expect([one.attempts.length, budget.state.level, shared.state.level]).toEqual([1, 10, 10]);
  });
});

describe('what hedged calls share', () => {
  it('survives JSON', () => {
    const one = trial();
    one.took(...Array<number>(30).fill(40));
    one.call();
    one.clock.pass(60);
    const other = createHedge({ clock: one.clock });
    other.restore(JSON.parse(JSON.stringify(one.shared.snapshot())));
    expect(other.state).toMatchObject({ delayMs: 41, level: one.shared.state.level, calls: 0 });
    expect(() => other.restore({ version: 1 } as never)).toThrow('createHistogram.restore.version');
    expect(() => other.restore({} as never)).toThrow('createHedge.restore.version');
  });

  it('changes its settings in place, and knows the new delay at once', () => {
    const { shared, took } = trial();
    took(...upTo(100));
    shared.configure({});
    expect(shared.state.delayMs).toBe(96);
    shared.configure({ quantile: 0.5 });
    expect(shared.state.delayMs).toBe(51);
    shared.configure({ delayMs: 7 });
    expect(shared.state.delayMs).toBe(7);
    shared.configure({ delayMs: 'live', minDelayMs: 80 });
    expect(shared.state).toMatchObject({ delayMs: 80, calls: 100 });
  });

  it.each([
    [{ delayMs: 'slow' }, 'createHedge.delayMs'],
    [{ delayMs: -1 }, 'createHedge.delayMs'],
    [{ quantile: 95 }, 'createHedge.quantile: must be a number from 0 to 1, not 95'],
    [{ minSamples: 0 }, 'createHedge.minSamples'],
    [{ minDelayMs: -1 }, 'createHedge.minDelayMs'],
    [{ maxHedges: 0 }, 'createHedge.maxHedges'],
    [{ share: 5 }, 'createHedge.share'],
    [{ hedges: 1 }, 'createHedge.hedges: unknown option'],
  ])('refuses %j, at first and later', (settings, message) => {
    expect(() => createHedge(settings as object)).toThrow(message);
    expect(() => createHedge().configure(settings as object)).toThrow(message);
  });

  it('tells its changes, and each hedge in policyEvents', () => {
    const { clock, shared, call } = trial({ name: 'prices', delayMs: 5 });
    const seen: string[] = [];
    shared.changes.subscribe(({ calls, hedges, wins }) => seen.push(`${calls} ${hedges} ${wins}`));
    const events: PolicyEvent[] = [];
    const listening = policyEvents.subscribe((event) => events.push(event));
    const one = call();
    clock.pass(5);
    one.attempts[1]!.next('value');
    listening.unsubscribe();
    expect([seen[0], seen.at(-1)]).toEqual(['0 0 0', '1 1 1']);
    const event = { type: 'hedge', policy: 'hedge', name: 'prices', atMs: clock.now(), attempt: 2, afterMs: 5 };
    expect(events).toEqual([event]);
  });
});
