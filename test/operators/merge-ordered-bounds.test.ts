import { setImmediate as turn } from 'node:timers/promises';

import fc from 'fast-check';
import { NEVER, Observable, of, range, Subject, take, timer, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { Flow } from '../../lib/core/flow.js';
import { fromIterable } from '../../lib/core/from-iterable.js';
import { probe } from '../../lib/testing/flow-probe.js';
import { Upstream } from '../../lib/testing/upstream.js';
import { virtualTime } from '../../lib/testing/virtual-time.js';
import { mergeOrdered } from '../../operators/merge-ordered.js';

/** Notes each request and each value taken. */
function counted(): { numbers: Generator<number>; taken: () => number; closed: () => boolean } {
  let taken = 0;
  let closed = false;
  const numbers = (function* () {
    try {
      for (;;) yield ++taken;
    } finally {
      closed = true;
    }
  })();
  return { numbers, taken: () => taken, closed: () => closed };
}

function requests(): { source: Upstream; asked: number[] } {
  const source = new Upstream();
  const asked: number[] = [];
  let before = 0;
  source.onRequest = () => {
    asked.push(source.requested - before);
    before = source.requested;
  };
  return { source, asked };
}

describe('the demand of mergeOrdered', () => {
  it('asks for nothing before something is asked of it, then for all its places', () => {
    const { source, asked } = requests();
    const below = probe(source.flow.via(mergeOrdered(() => NEVER, { concurrency: 8 })));
    expect(asked).toEqual([]);
    below.request(1);
    expect(asked).toEqual([8]);
  });

  it('asks again when a quarter of the places are free, for all that are', () => {
    const { source, asked } = requests();
    const calls: Subject<number>[] = [];
    const below = probe(
      source.flow.via(mergeOrdered(() => calls[calls.push(new Subject<number>()) - 1]!, { concurrency: 8 })),
      Infinity,
    );
    while (source.answer());
    calls[0]!.complete();
    expect(asked).toEqual([8]);
    calls[2]!.complete();
    expect(asked).toEqual([8]);
    calls[1]!.complete(); // the third has waited for its turn
    expect(asked).toEqual([8, 3]);
    below.cancel();
  });

  it('keeps what is done and not asked for in its place', async () => {
    const { source, asked } = requests();
    const below = probe(source.flow.via(mergeOrdered(async (n: number) => n, { concurrency: 4 })), 2);
    while (source.answer());
    await turn();
    expect([below.values, asked]).toEqual([
      [1, 2],
      [4, 1, 1],
    ]);
    while (source.answer());
    await turn();
    expect([below.values, asked]).toEqual([
      [1, 2],
      [4, 1, 1],
    ]);
    below.request(1);
    expect([below.values, asked]).toEqual([
      [1, 2, 3],
      [4, 1, 1, 1],
    ]);
  });

  it('asks the first call for what is wanted below, and the others for 16 values', () => {
    const asked: number[][] = [];
    const call = (n: number) => {
      const noted: number[] = [];
      asked[n] = noted;
      return new Flow<number>({
        subscribe: (to) => to.onSubscribe({ request: (count) => void noted.push(count), cancel: () => undefined }),
      });
    };
    const below = probe(fromIterable([0, 1]).via(mergeOrdered(call)), 5);
    below.request(100);
    expect(asked).toEqual([[16, 89], [16]]);
  });

  it('holds a call behind the first one back', () => {
    const first = new Subject<number>();
    const second = counted();
    const results: number[] = [];
    const calls = [first, second.numbers];
    fromIterable([0, 1])
      .pipe(
        mergeOrdered((n) => calls[n]!),
        take(20),
      )
      .subscribe((n) => results.push(n));
    expect([results.length, second.taken()]).toEqual([0, 16]);
    first.complete();
    expect([results.length, second.taken(), second.closed()]).toEqual([20, 20, true]);
  });

  it('runs all there are with a concurrency of Infinity, and grows back to nothing', () => {
    const calls = Array.from({ length: 20_000 }, () => new Subject<number>());
    const results: number[] = [];
    range(0, calls.length)
      .pipe(mergeOrdered((n) => calls[n]!, { concurrency: Infinity }))
      .subscribe((n) => results.push(n));
    for (let n = calls.length - 1; n >= 0; n--) {
      calls[n]!.next(n);
      calls[n]!.complete();
    }
    expect(results.every((n, index) => n === index)).toBe(true);
    expect([results.length, calls.some((call) => call.observed)]).toEqual([20_000, false]);
  });

  it('keeps the order and the bound, however long each call takes', () => {
    const durations = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 40 });
    fc.assert(
      fc.property(durations, fc.integer({ min: 1, max: 9 }), (takesMs, concurrency) => {
        let running = 0;
        let most = 0;
        const call = (ms: number, index: number): Observable<number> =>
          new Observable((subscriber) => {
            most = Math.max(most, ++running);
            subscriber.add(() => running--);
            return timer(ms).subscribe({ next: () => subscriber.next(index), complete: () => subscriber.complete() });
          });
        let results: number[] = [];
        virtualTime(expect, () => {
          of(...takesMs.entries())
            .pipe(
              mergeOrdered(([index, ms]) => call(ms, index), { concurrency }),
              toArray(),
            )
            .subscribe((all) => (results = all));
        });
        expect(results).toEqual([...takesMs.keys()]);
        expect(most).toBeLessThanOrEqual(concurrency);
      }),
    );
  });
});

describe('what is sent at once through mergeOrdered', () => {
  it('does not pile up on the stack', () => {
    let results = 0;
    range(0, 200_000)
      .pipe(mergeOrdered((n) => [n]))
      .subscribe(() => results++);
    expect(results).toBe(200_000);
  });

  it('stops an endless call', () => {
    const { numbers, taken, closed } = counted();
    of(0)
      .pipe(
        mergeOrdered(() => numbers),
        take(3),
      )
      .subscribe();
    expect([taken(), closed()]).toEqual([3, true]);
  });

  it('stays in order when a result sends the source another value', () => {
    const source = new Subject<number>();
    const results: number[] = [];
    source.pipe(mergeOrdered((n) => [n, n * 10])).subscribe((n) => {
      results.push(n);
      if (n < 3) source.next(n + 1);
    });
    source.next(1);
    expect(results).toEqual([1, 10, 2, 20, 3, 30]);
  });

  it('stays in order when a project sends the source another value', () => {
    const source = new Subject<number>();
    const results: number[] = [];
    const project = (n: number) => {
      if (n < 3) source.next(n + 1);
      return of(n);
    };
    source.pipe(mergeOrdered(project)).subscribe((n) => results.push(n));
    source.next(1);
    expect(results).toEqual([1, 2, 3]);
  });

  it('subscribes to nothing when the project itself leaves', () => {
    let subscriptions = 0;
    const source = new Subject<number>();
    const project = () => {
      subscription.unsubscribe();
      return new Observable<number>(() => void subscriptions++);
    };
    const subscription = source.pipe(mergeOrdered(project)).subscribe();
    source.next(1);
    expect([subscriptions, source.observed]).toEqual([0, false]);
  });
});
