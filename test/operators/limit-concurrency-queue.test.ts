import { Observable, Subject, type Subscription } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { createBulkhead } from '../../lib/core/policy/bulkhead.js';
import type { BulkheadOptions } from '../../lib/core/policy/bulkhead-settings.js';
import { type PolicyEvent, policyEvents } from '../../lib/core/policy/policy-events.js';
import { limitConcurrency, type LimitConcurrencyOptions } from '../../operators/limit-concurrency.js';
import { HandClock } from '../http/hand-clock.js';

/** One place, taken by a call that ends when the test says so; the others end at once when they start. */
function line(options: Partial<BulkheadOptions> = {}) {
  const clock = new HandClock();
  const bulkhead = createBulkhead({ limit: 1, maxWaiting: 100, clock, ...options });
  const order: string[] = [];
  const gone: [string, string][] = [];
  const running: Subject<never>[] = [];
  const call = (name: string, place?: LimitConcurrencyOptions): Subscription => {
    const started$ = new Observable<never>((subscriber) => {
      order.push(name);
      const source = new Subject<never>();
      running.push(source);
      return source.subscribe(subscriber);
    });
    const error = (thrown: { why?: string; which?: string }) => gone.push([name, thrown.why ?? thrown.which!]);
    return started$.pipe(limitConcurrency(bulkhead, place)).subscribe({ error });
  };
  call('running');
  order.length = 0;
  /** Ends the one that has run for longest, so often. */
  const end = (times = 1): void => {
    for (let n = 0; n < times; n++) running.shift()?.complete();
  };
  return { clock, bulkhead, order, gone, call, end };
}

describe('those that wait in limitConcurrency', () => {
  it('are served in the order of their coming', () => {
    const { call, end, order } = line();
    for (const name of ['a', 'b', 'c']) call(name);
    end(3);
    expect(order).toEqual(['a', 'b', 'c']);
  });

  it('are served newest first when the line has not been empty for 100 ms', () => {
    const { call, end, order, clock } = line();
    for (const name of ['a', 'b', 'c']) call(name);
    clock.advance(99);
    end();
    expect(order).toEqual(['a']);
    clock.advance(1);
    call('d');
    end(3);
    expect(order).toEqual(['a', 'd', 'c', 'b']);
  });

  it('are served in order again when the line has been empty', () => {
    const { call, end, order, clock } = line();
    call('a');
    clock.advance(200);
    end();
    for (const name of ['b', 'c']) call(name);
    end(2);
    expect(order).toEqual(['a', 'b', 'c']);
  });

  it('lose the oldest, one by one, while waits stay too long', () => {
    const { call, end, order, gone, clock, bulkhead } = line();
    for (let n = 0; n < 50; n++) {
      call(`${n}a`);
      call(`${n}b`);
      clock.advance(10);
      end();
    }
    const names = gone.map(([name]) => name);
    expect(names.length).toBeGreaterThan(4);
    expect(names).toEqual(names.toSorted((a, b) => parseInt(a, 10) - parseInt(b, 10)));
    expect(gone.every(([, why]) => why === 'queue-full')).toBe(true);
    expect(order.length).toBe(50);
    expect(bulkhead.state.rejected).toBe(gone.length);
  });

  it('lose nobody, and keep their order, where they wait without a bound', () => {
    const { call, end, order, gone, clock } = line({ queueMs: Infinity });
    for (let n = 0; n < 50; n++) {
      call(`${2 * n}`);
      call(`${2 * n + 1}`);
      clock.advance(10);
      end();
    }
    end(50);
    expect([order.length, gone, clock.pending]).toEqual([100, [], 0]);
    expect(order).toEqual(order.toSorted((a, b) => Number(a) - Number(b)));
  });

  it('always leave one to be served, however long it has waited', () => {
    const { call, end, order, gone, clock } = line();
    for (let n = 0; n < 5; n++) {
      call(`${n}`);
      clock.advance(900);
      end();
    }
    expect([order.length, gone]).toEqual([5, []]);
    call('a');
    call('b');
    clock.advance(200);
    end();
    clock.advance(200);
    end();
    expect([order.slice(5), gone]).toEqual([['b', 'a'], []]);
  });

  it('leave the line at once, and their room to others (cockatiel, p-queue #219: it is kept, and rejects a live call)', () => {
    const { call, end, order, gone } = line({ maxWaiting: 1 });
    const waiting = call('a');
    call('b');
    waiting.unsubscribe();
    call('c');
    end();
    expect([order, gone]).toEqual([['c'], [['b', 'queue-full']]]);
  });

  it('take no place when they have left (failsafe-java #393: the permit is lost for ever)', () => {
    const { call, end, order, bulkhead, clock } = line();
    const waiting = [call('a'), call('b'), call('c')];
    for (const one of waiting) one.unsubscribe();
    end();
    call('d');
    expect([order, bulkhead.state.running, bulkhead.state.waiting, clock.pending]).toEqual([['d'], 1, 0, 0]);
  });

  it('share one timer', () => {
    const { call, clock } = line();
    for (let n = 0; n < 50; n++) call(`${n}`);
    expect(clock.pending).toBe(1);
  });
});

// Kevlar #510: a queue with priorities and a bound on the wait.
describe('the classes of limitConcurrency', () => {
  it('go first by urgency', () => {
    const { call, end, order } = line();
    call('idle', { priority: 3 });
    call('low', { priority: 2 });
    call('normal');
    call('urgent', { priority: 0 });
    end(4);
    expect(order).toEqual(['urgent', 'normal', 'low', 'idle']);
  });

  it('have a turn each 250 ms per step, however many are more urgent (p-queue: 190 high, 0 low)', () => {
    const { call, end, order, clock } = line({ queueMs: Infinity, maxWaiting: 10_000 });
    for (let n = 0; n < 50; n++) for (const priority of [1, 2, 3] as const) call(`${priority}`, { priority });
    for (let n = 0; n < 300; n++) {
      call('0', { priority: 0 });
      clock.advance(10);
      end();
    }
    const served = (name: string) => order.filter((one) => one === name).length;
    expect(served('1')).toBe(12 - 1);
    expect(served('2')).toBe(6 - 1);
    expect(served('3')).toBe(4 - 1);
    expect(order.length).toBe(300);
  });

  it('make room for more urgent ones when the line is full, the least urgent first', () => {
    const { call, gone, bulkhead } = line({ maxWaiting: 3 });
    call('low', { priority: 2 });
    call('idle', { priority: 3 });
    call('normal');
    call('urgent', { priority: 0 });
    call('urgent too', { priority: 0 });
    call('low too', { priority: 2 });
    expect(gone).toEqual([
      ['idle', 'queue-full'],
      ['low', 'queue-full'],
      ['low too', 'queue-full'],
    ]);
    expect(bulkhead.state.waiting).toBe(3);
  });
});

describe('the keys of limitConcurrency', () => {
  it('take turns', () => {
    const { call, end, order } = line();
    for (const name of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) call(name, { key: name[0] });
    end(6);
    expect(order).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  });

  it('take short turns again when dear calls are gone', () => {
    const { call, end, order } = line({ limit: 3 });
    call('dear', { cost: 3 });
    end(2);
    for (const name of ['full1', 'full2', 'full3']) call(name);
    for (const name of ['a1', 'a2', 'a3', 'b1']) call(name, { key: name[0] });
    end(4);
    expect(order).toEqual(['dear', 'full1', 'full2', 'full3', 'a1', 'b1', 'a2', 'a3']);
  });

  it('share by what their calls cost', () => {
    const { call, end, order } = line({ limit: 3 });
    for (let n = 0; n < 4; n++) call('dear', { key: 'dear', cost: 3 });
    for (let n = 0; n < 12; n++) call('cheap', { key: 'cheap', cost: 1 });
    end(200);
    const first = order.slice(0, 8);
    expect(first.filter((name) => name === 'dear').length).toBe(2);
    expect(first.filter((name) => name === 'cheap').length).toBe(6);
  });

  it('with the most waiting give up one for those with fewer when the line is full', () => {
    const { call, end, order, gone } = line({ maxWaiting: 4 });
    for (const name of ['a1', 'a2', 'a3', 'a4']) call(name, { key: 'a' });
    for (const name of ['b1', 'b2', 'b3']) call(name, { key: 'b' });
    call('a5', { key: 'a' });
    end(4);
    expect(gone.map(([name]) => name)).toEqual(['a4', 'a3', 'b3', 'a5']);
    expect(order).toEqual(['a1', 'b1', 'a2', 'b2']);
  });

  it('with as many waiting as others give up their own newcomer', () => {
    const { call, gone } = line({ maxWaiting: 3 });
    for (const name of ['a1', 'a2', 'b1', 'b2']) call(name, { key: name[0] });
    expect(gone.map(([name]) => name)).toEqual(['b2']);
  });

  it('give up their oldest for their newest when the line is full and stands', () => {
    const { call, end, order, gone, clock } = line({ maxWaiting: 2 });
    for (const name of ['a', 'b']) call(name);
    clock.advance(100);
    call('c');
    end(2);
    expect([gone, order]).toEqual([[['a', 'queue-full']], ['c', 'b']]);
  });

  it('keep what is theirs: a tenant of ten times the load costs the others nothing (65 % served under one queue)', () => {
    const { call, end, gone, clock } = line({ maxWaiting: 50 });
    for (let n = 0; n < 1000; n++) {
      call('heavy', { key: 'heavy' });
      call('heavy', { key: 'heavy' });
      if (n % 10 === 0) call('light', { key: `light ${n % 40}` });
      clock.advance(1);
      end();
    }
    expect(gone.filter(([name]) => name === 'light')).toEqual([]);
    expect(gone.length).toBeGreaterThan(500);
  });

  it('leave nothing behind', () => {
    const { call, end, bulkhead } = line();
    for (let n = 0; n < 1000; n++) {
      call('x', { key: {} });
      end();
    }
    expect(bulkhead.state).toMatchObject({ waiting: 0, running: 1, started: 1001 });
  });
});

describe('the events of limitConcurrency', () => {
  it('tell of each decision', () => {
    const { call, bulkhead, clock } = line({ name: 'db', maxWaiting: 1, queueMs: 10 });
    const told: PolicyEvent[] = [];
    const listening = policyEvents.subscribe((event) => told.push(event));
    call('a');
    call('b');
    clock.advance(10);
    bulkhead.configure({ limit: 2 });
    listening.unsubscribe();
    const common = { policy: 'limitConcurrency', name: 'db' };
    expect(told).toEqual([
      { ...common, atMs: clock.now() - 10, type: 'queued', waiting: 1 },
      { ...common, atMs: clock.now() - 10, type: 'rejected', why: 'queue-full' },
      { ...common, atMs: clock.now(), type: 'timeout', which: 'queue', limitMs: 10 },
      { ...common, atMs: clock.now(), type: 'limit', from: 1, to: 2 },
    ]);
  });
});
