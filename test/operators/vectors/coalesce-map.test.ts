import { Observable, of, type Subscriber } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { createCoalescer } from '../../../lib/core/policy/coalescer.js';
import { coalesceMap } from '../../../operators/coalesce-map.js';

const some = new Error('Some error');

/** A group that makes calls for keys; each caller is told apart. */
function group() {
  const coalescer = createCoalescer<unknown>();
  const run = (make: (key: string) => Observable<unknown>, key = 'key') => {
    const told: unknown[] = [];
    const asking = of(key)
      .pipe(coalesceMap(make, (one) => one, { coalescer }))
      .subscribe({ next: (value) => told.push(value), error: (error: unknown) => told.push(error) });
    return { told, leave: () => asking.unsubscribe() };
  };
  return { coalescer, run };
}

// golang.org/x/sync, singleflight/singleflight_test.go.
describe('vectors of singleflight for coalesceMap', () => {
  it('TestDo, TestDoChan', () => {
    expect(group().run(() => of('bar')).told).toEqual(['bar']);
  });

  it('TestDoErr: the same error', () => {
    const { told } = group().run(() => new Observable((call) => call.error(some)));
    expect(told[0]).toBe(some);
  });

  it('TestDoDupSuppress: ten callers, one call', () => {
    const { run } = group();
    const calls: Subscriber<unknown>[] = [];
    const callers = Array.from({ length: 10 }, () => run(() => new Observable((call) => void calls.push(call))));
    calls[0]!.next('bar');
    expect([calls.length, callers.map(({ told }) => told)]).toEqual([1, callers.map(() => ['bar'])]);
  });

  // There a key can be forgotten while its call runs; here it is when all have left. Who comes then shares the next call.
  it('TestForget: the third shares the second call, not the first', () => {
    const { run } = group();
    const calls: Subscriber<unknown>[] = [];
    const make = () => new Observable<unknown>((call) => void calls.push(call));
    const first = run(make);
    first.leave();
    const [second, third] = [run(make), run(() => of(3))];
    calls[0]!.next(1);
    calls[1]!.next(2);
    expect([first.told, second.told, third.told]).toEqual([[], [2], [2]]);
  });

  it('TestPanicDo: each of five is told of what is thrown, and none hangs', () => {
    const { coalescer, run } = group();
    const callers = Array.from({ length: 5 }, () =>
      run(() => {
        throw some;
      }),
    );
    expect(callers.map(({ told }) => told)).toEqual(callers.map(() => [some]));
    expect(coalescer.state.running).toBe(0);
  });

  it('TestGoexitDo: a call that ends without a result ends for all, without an error', () => {
    const { coalescer, run } = group();
    const calls: Subscriber<unknown>[] = [];
    const callers = Array.from({ length: 5 }, () => run(() => new Observable((call) => void calls.push(call))));
    calls[0]!.complete();
    expect([callers.map(({ told }) => told), coalescer.state.running]).toEqual([callers.map(() => []), 0]);
  });

  it('calls of other keys are others', () => {
    const { run } = group();
    const asked: string[] = [];
    for (const key of ['a', 'b', 'a']) run((one) => new Observable(() => void asked.push(one)), key);
    expect(asked).toEqual(['a', 'b']);
  });
});
