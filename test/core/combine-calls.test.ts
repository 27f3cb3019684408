import { EMPTY, NEVER, of, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { type CallRecord, combineCalls } from '../../lib/core/combine-calls.js';
import { ConfigError } from '../../lib/core/errors.js';
import { fromIterable } from '../../lib/core/from-iterable.js';
import { probe, quiet } from '../../lib/testing/flow-probe.js';
import { obeysTheFlowRules } from '../../lib/testing/flow-rules.js';
import { gc } from '../support/gc.js';
import { marble } from '../support/marble.js';

const lost = new Error('lost');

describe('combineCalls', () => {
  const failing = (error: unknown) => combineCalls({ a: of(1), b: throwError(() => error) });
  obeysTheFlowRules(() => combineCalls({ a: of(1), b: Promise.resolve(2) }), { it, expect, gc, failing, most: 1 });

  describe('with partial results', () => {
    const upTo = (count: number) => ({
      [Symbol.iterator]: function* () {
        for (let n = 1; n <= count; n++) yield n;
      },
    });
    const make = (count: number) => combineCalls({ a: fromIterable(upTo(Math.min(count, 1))) }, { partial: true });
    obeysTheFlowRules(make, { it, expect, gc, most: 1 });
  });

  marble('sends the last values of all calls when all have completed', (t) => {
    const a = t.cold('  -1--2|  ');
    const b = t.cold('  --3|    ');
    const expected = '  -----(x|)';

    t.expectObservable(combineCalls({ a, b })).toBe(expected, { x: { a: '2', b: '3' } });
    t.expectSubscriptions(a.subscriptions).toBe('^----!');
    t.expectSubscriptions(b.subscriptions).toBe('^--!');
  });

  marble('sends what is there each time something is new, if asked to', (t) => {
    const a = t.cold('  -1--2|  ');
    const b = t.cold('  --3----|');
    const expected = '  -xy-z--|';
    const records = { x: { a: '1' }, y: { a: '1', b: '3' }, z: { a: '2', b: '3' } };

    t.expectObservable(combineCalls({ a, b }, { partial: true })).toBe(expected, records);
  });

  marble('runs no more calls at once than it may', (t) => {
    const call = t.cold('-1| ');

    t.expectObservable(combineCalls({ a: call, b: call }, { concurrency: 1 })).toBe('----(x|)', {
      x: { a: '1', b: '1' },
    });
    t.expectSubscriptions(call.subscriptions).toBe(['^-!', '--^-!']);
  });

  marble('passes the first error on and cancels the other calls', (t) => {
    const a = t.cold('  -1----| ');
    const b = t.cold('  --#     ', undefined, lost);

    t.expectObservable(combineCalls({ a, b })).toBe('--#', undefined, lost);
    t.expectObservable(combineCalls({ a, b }, { partial: true })).toBe('-x#', { x: { a: '1' } }, lost);
    t.expectSubscriptions(a.subscriptions).toBe(['^-!', '^-!']);
  });

  marble('cancels every call when the subscriber leaves', (t) => {
    const a = t.cold('  -1----| ');

    t.expectObservable(combineCalls({ a, b: NEVER }), '---!').toBe('----');
    t.expectSubscriptions(a.subscriptions).toBe('^--!');
  });

  it('starts nothing before the first request', () => {
    const a = new Subject<number>();
    const one = probe(combineCalls({ a }));
    expect(a.observed).toBe(false);
    one.request(1);
    expect(a.observed).toBe(true);
    one.cancel();
    expect(a.observed).toBe(false);
  });

  it('sends the newest record where less is asked for than is new', () => {
    const a = new Subject<number>();
    const one = probe(combineCalls({ a, b: NEVER }, { partial: true }), 1);
    for (const n of [1, 2, 3]) a.next(n);
    expect(one.values).toEqual([{ a: 1 }]);
    one.request(1);
    expect(one.values).toEqual([{ a: 1 }, { a: 3 }]);
    one.cancel();
  });

  it.each([
    [{ a: EMPTY, b: of(2) }, [{ a: undefined, b: 2 }], [{ b: 2 }, { a: undefined, b: 2 }]],
    [{}, [{}], [{}]],
  ])('is complete where a call has no value, or there is no call: %#', (calls: CallRecord, all, partly) => {
    const [whole, partial] = [probe(combineCalls(calls), 9), probe(combineCalls(calls, { partial: true }), 9)];
    expect([whole.values, whole.ending]).toEqual([all, 'complete']);
    expect([partial.values, partial.ending]).toEqual([partly, 'complete']);
  });

  it('takes every kind of stream, and keeps the order of the record', async () => {
    const calls = { z: Promise.resolve(1), list: [1, 2], flow: fromIterable([3]) };
    const one = probe(combineCalls(calls), 1);
    await quiet();
    expect([one.values, Object.keys(one.values[0]!)]).toEqual([[{ z: 1, list: 2, flow: 3 }], ['z', 'list', 'flow']]);
  });

  it('names a call that is no stream', () => {
    const one = probe(combineCalls({ a: 7 as never }), 1);
    expect(one.error).toBeInstanceOf(TypeError);
  });

  it('reads the record once, its keys whatever they are called', () => {
    const calls: Record<string, unknown> = JSON.parse('{ "__proto__": [1] }');
    const combined = combineCalls(calls as CallRecord);
    calls['late'] = [2];
    expect(Object.entries(probe(combined, 1).values[0]!)).toEqual([['__proto__', 1]]);
  });

  it('makes no work that grows faster than the calls', () => {
    const calls = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`call ${n}`, of(n)]));
    expect(Object.keys(probe(combineCalls(calls), 1).values[0]!)).toHaveLength(20_000);
  });
});

describe('the arguments of combineCalls', () => {
  it.each([undefined, null, 7, [of(1)], of(1)])('refuse %o as a record', (calls) => {
    expect(() => combineCalls(calls as never)).toThrow(ConfigError);
    expect(() => combineCalls(calls as never)).toThrow('combineCalls.calls: must be a record of calls');
  });

  it('refuse wrong options', () => {
    expect(() => combineCalls({}, { concurrency: 0 })).toThrow(
      'combineCalls.concurrency: must be a whole number from 1',
    );
    expect(() => combineCalls({}, { partially: true } as object)).toThrow('did you mean "partial"?');
  });
});
