import { setImmediate as turn } from 'node:timers/promises';

import fc from 'fast-check';
import { BehaviorSubject, map, NEVER, Observable, of, range, Subject, take } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { fromIterable } from '../../lib/core/from-iterable.js';
import { through } from '../../lib/core/through.js';
import { probe } from '../../lib/testing/flow-probe.js';
import { Upstream } from '../../lib/testing/upstream.js';
import { mergeBounded } from '../../operators/merge-bounded.js';
import { gc } from '../support/gc.js';
import { MergeScript, type Sent, type Step, steps } from '../support/merge-script.js';

function* countUp(onTaken: (n: number) => void): Generator<number> {
  for (let n = 1; ; n++) {
    onTaken(n);
    yield n;
  }
}

describe('the demand of mergeBounded', () => {
  it('asks for nothing before something is asked of it, then for all its places', () => {
    const source = new Upstream();
    const below = probe(source.flow.via(mergeBounded(() => NEVER, { concurrency: 8 })));
    expect(source.requested).toBe(0);
    below.request(1);
    expect(source.requested).toBe(8);
  });

  it('asks again when a quarter of the places are free, whichever they are', () => {
    const source = new Upstream();
    const calls = Array.from({ length: 8 }, () => new Subject<number>());
    const merge = mergeBounded((n: number) => calls[n - 1]!, { concurrency: 8 });
    const below = probe(source.flow.via(merge), Infinity);
    while (source.answer());
    calls[5]!.complete();
    expect(source.requested).toBe(8);
    calls[2]!.complete();
    expect(source.requested).toBe(10);
    below.cancel();
  });

  it('keeps the place of what is done and not asked for', async () => {
    const source = new Upstream();
    const below = probe(source.flow.via(mergeBounded(async (n: number) => n, { concurrency: 4 })), 2);
    while (source.answer());
    await turn();
    expect([below.values, source.requested]).toEqual([[1, 2], 6]);
    while (source.answer());
    await turn();
    expect([below.values, source.requested]).toEqual([[1, 2], 6]);
    below.request(1);
    expect([below.values, source.requested]).toEqual([[1, 2, 3], 7]);
  });

  it('holds each call at 16 values, and serves them in turn', () => {
    const taken: number[] = [];
    const call = (n: number) => fromIterable(countUp((count) => (taken[n] = count))).via(through(map((m) => n + m)));
    const below = probe(fromIterable([0, 100]).via(mergeBounded(call)));
    below.request(1);
    below.request(5);
    expect(below.values).toEqual([1, 2, 101, 3, 102, 4]);
    expect([taken[0], taken[100]]).toEqual([16, 16]);
    below.cancel();
  });

  it('asks a call again when a quarter of what it may send ahead is left', () => {
    const call = new Upstream();
    const asked: number[] = [];
    call.onRequest = () => asked.push(call.requested);
    const below = probe(fromIterable([1]).via(mergeBounded(() => call.flow)), 100);
    for (let n = 0; n < 11; n++) call.send();
    expect(asked).toEqual([16]);
    call.send();
    expect(asked).toEqual([16, 28]);
    below.cancel();
  });

  it('lets go of a value when its call is over', async () => {
    const source = new Subject<object>();
    source.pipe(mergeBounded(async () => 1)).subscribe();
    const values = Array.from({ length: 10 }, () => {
      const value = {};
      source.next(value);
      return new WeakRef(value);
    });
    await turn();
    gc();
    expect(values.filter((value) => value.deref())).toEqual([]);
  });

  it('goes on asking a long call until all has come', () => {
    const results: number[] = [];
    of(1, 2)
      .pipe(mergeBounded(() => fromIterable(Array.from({ length: 1_000 }, (_, n) => n))))
      .subscribe((n) => results.push(n));
    expect(results).toHaveLength(2_000);
  });

  it('lets what is here leave before an error', () => {
    const calls = [new Subject<number>(), new Subject<number>()];
    const lost = new Error('lost');
    const below = probe(fromIterable([0, 1]).via(mergeBounded((n) => calls[n]!)), 1);
    for (const n of [1, 2]) calls[0]!.next(n);
    calls[1]!.next(3);
    calls[1]!.error(lost);
    expect([below.values, below.ending, calls[0]!.observed]).toEqual([[1], undefined, false]);
    below.request(2);
    expect([below.values, below.error]).toEqual([[1, 2, 3], lost]);
  });
});

describe('an error in mergeBounded that waits for demand', () => {
  it('starts nothing meanwhile, whatever comes', () => {
    const concurrency = new BehaviorSubject(2);
    const source = new Upstream();
    const calls: Subject<number>[] = [];
    const merge = mergeBounded(() => calls[calls.push(new Subject()) - 1]!, { concurrency });
    const below = probe(source.flow.via(merge), 1);
    source.send();
    concurrency.next(1);
    source.send();
    for (const n of [1, 2]) calls[0]!.next(n);
    calls[0]!.error(new Error('lost'));
    concurrency.next(2);
    source.send();
    expect([calls.length, below.values, below.ending]).toEqual([1, [1], undefined]);
    below.request(1);
    expect([calls.length, below.values, below.ending]).toEqual([1, [1, 2], 'error']);
  });
});

describe('what is sent at once through mergeBounded', () => {
  it('does not pile up on the stack, a million times', () => {
    let results = 0;
    range(0, 1_000_000)
      .pipe(mergeBounded((n) => of(n), { concurrency: 2 }))
      .subscribe(() => results++);
    expect(results).toBe(1_000_000);
  });

  it('does not pile up on the stack when all wait for one that ends', () => {
    const first = new Subject<number>();
    let results = 0;
    range(0, 1_000_000)
      .pipe(mergeBounded((n) => (n === 0 ? first : of(n)), { concurrency: 1 }))
      .subscribe(() => results++);
    first.complete();
    expect(results).toBe(999_999);
  });

  it('stops an endless call', () => {
    let taken = 0;
    of(0)
      .pipe(
        mergeBounded(() => countUp((n) => (taken = n))),
        take(3),
      )
      .subscribe();
    expect(taken).toBeLessThanOrEqual(16);
  });

  it('takes a value that a result sends the source', () => {
    const source = new Subject<number>();
    const results: number[] = [];
    source.pipe(mergeBounded((n) => [n, n * 10])).subscribe((n) => {
      results.push(n);
      if (n < 3) source.next(n + 1);
    });
    source.next(1);
    expect(results.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 10, 20, 30]);
  });

  it('subscribes to nothing when the project itself leaves', () => {
    let subscriptions = 0;
    const source = new Subject<number>();
    const project = () => {
      subscription.unsubscribe();
      return new Observable<number>(() => void subscriptions++);
    };
    const subscription = source.pipe(mergeBounded(project)).subscribe();
    source.next(1);
    expect([subscriptions, source.observed]).toEqual([0, false]);
  });

  it('is not heard when it answers the abort of another', () => {
    const second = new Subject<string>();
    const results: unknown[] = [];
    const project = (n: number, { signal }: { signal: AbortSignal }) => {
      if (n === 2) return second;
      signal.addEventListener('abort', () => (second.next('late'), second.complete()));
      return NEVER;
    };
    const source = new Subject<number>();
    source.pipe(mergeBounded(project)).subscribe({ next: (v) => results.push(v), error: (e) => results.push(e) });
    for (const n of [2, 1]) source.next(n);
    source.error('lost');
    expect(results).toEqual(['lost']);
  });
});

describe('mergeBounded, whatever happens in whatever order', () => {
  const play = (script: readonly Step[]): MergeScript<Sent> => {
    const trial = new MergeScript<Sent>((project, concurrency) => mergeBounded(project, { concurrency }));
    for (const step of script) trial.play(step);
    return trial;
  };

  it('starts no more than it may, each value once and in order', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const { over, started } = play(script);
        expect([over, started]).toEqual([[], started.map((_, index) => index + 1)]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('loses and repeats nothing, and leaves nothing alive', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const trial = play(script);
        const left = script.some(({ kind }) => kind === 'leave');
        trial.finish();
        const { below, sent, source } = trial;
        if (!left) expect(below.ending).toBeDefined();
        if (below.ending === 'complete') {
          expect(below.values.toSorted(byInput)).toEqual(sent.toSorted(byInput));
          expect(trial.started).toHaveLength(source.sent);
        }
        expect(trial.started.length).toBeLessThanOrEqual(trial.startedBeforeFailure);
        expect(source.badRequests).toEqual([]);
        expect(trial.alive()).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });
});

const byInput = (a: Sent, b: Sent): number => a[0] - b[0] || a[1] - b[1];
