import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

import { Observable, type ObservableInput, of, Subject, throwError } from 'rxjs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { FLOW, Flow } from '../../lib/core/flow.js';
import { fromIterable } from '../../lib/core/from-iterable.js';
import { subscribeInner } from '../../lib/core/inner.js';
import { type Probe, probe } from '../../lib/testing/flow-probe.js';
import { obeysTheFlowRules } from '../../lib/testing/flow-rules.js';
import { gc } from '../support/gc.js';

function flowOf<T>(input: () => ObservableInput<T>): Flow<T> {
  return new Flow({ subscribe: (to) => subscribeInner(input(), to) });
}

function start<T>(input: ObservableInput<T>, n: number): Probe<T> {
  return probe(
    flowOf(() => input),
    n,
  );
}

function upTo(count: number): Observable<number> {
  return new Observable((subscriber) => {
    for (let n = 1; n <= count && !subscriber.closed; n++) subscriber.next(n);
    subscriber.complete();
  });
}

function foreign<T>(source: Observable<T>): ObservableInput<T> {
  return { [Symbol.for('observable')]: 1, '@@observable': () => source } as unknown as ObservableInput<T>;
}

describe('subscribeInner', () => {
  describe('to a promise', () => {
    const rejects = async (error: unknown): Promise<never> => {
      throw error;
    };
    const failing = (error: unknown) => flowOf(() => rejects(error));
    obeysTheFlowRules(() => flowOf(() => Promise.resolve(1)), { it, expect, gc, failing, most: 1 });
  });

  describe('to an Observable', () => {
    const failing = (error: unknown) => flowOf(() => throwError(() => error));
    obeysTheFlowRules((count) => flowOf(() => upTo(Math.min(count, 30_000))), { it, expect, gc, failing });
  });

  it.each<[string, () => ObservableInput<unknown>]>([
    ['an Observable', () => of(1, 2)],
    ['a Flow', () => fromIterable([1, 2])],
    ['a Flow of another copy of the package', () => ({ [FLOW]: fromIterable([1, 2])[FLOW] }) as never],
    ['an Observable of another library', () => foreign(of(1, 2))],
    ['an array', () => [1, 2]],
    ['an array-like', () => ({ 0: 1, 1: 2, length: 2 })],
    ['a Set', () => new Set([1, 2])],
    ['an async iterable', () => Readable.from([1, 2]).iterator()],
    ['a Node stream', () => Readable.from([1, 2])],
    ['a web stream', () => ReadableStream.from([1, 2])],
  ])('sends the values of %s, then completes', async (_title, input) => {
    const all = start(input(), Infinity);
    await all.ended();
    expect([all.values, all.ending]).toEqual([[1, 2], 'complete']);
  });

  it('sends the letters of a string', () => {
    expect(start('abc', Infinity).values).toEqual(['a', 'b', 'c']);
  });

  it('sends what a promise brings when it is asked for', async () => {
    const one = start(Promise.resolve('there'), 0);
    await sleep();
    expect(one.calls).toEqual(['onSubscribe']);
    one.request(1);
    expect(one.calls).toEqual(['onSubscribe', 'onNext', 'onComplete']);
  });

  it('takes nothing from an iterable ahead of demand', () => {
    let taken = 0;
    const numbers = (function* () {
      for (;;) yield ++taken;
    })();
    start(numbers, 2);
    expect(taken).toBe(2);
  });
});

describe('cancelling an inner subscription', () => {
  it('unsubscribes from an Observable', () => {
    const subject = new Subject<number>();
    const one = start(subject, 1);
    one.cancel();
    expect(subject.observed).toBe(false);
  });

  it('closes a generator', () => {
    let closed = false;
    const numbers = (function* () {
      try {
        for (;;) yield 1;
      } finally {
        closed = true;
      }
    })();
    start(numbers, 1).cancel();
    expect(closed).toBe(true);
  });

  it('cancels a web stream, even with a read pending', async () => {
    const cancel = vi.fn<() => void>();
    const one = start(new ReadableStream<number>({ cancel }), 1);
    await sleep();
    one.cancel();
    expect(cancel).toHaveBeenCalledOnce();
  });

  it('destroys a Node stream', () => {
    const stream = new Readable({ read: () => undefined });
    start(stream, 1).cancel();
    expect(stream.destroyed).toBe(true);
  });

  it('drops what a promise brings later', async () => {
    const unhandled = vi.fn<() => void>();
    process.on('unhandledRejection', unhandled);
    onTestFinished(() => void process.off('unhandledRejection', unhandled));
    const both = [
      start(sleep(1, 'late'), 1),
      start(
        sleep(1).then(() => Promise.reject(new Error('late'))),
        1,
      ),
    ];
    for (const one of both) one.cancel();
    await sleep(5);
    expect([both.map((one) => one.calls), unhandled.mock.calls]).toEqual([[['onSubscribe'], ['onSubscribe']], []]);
  });

  it('leaves a source alone when it happens within onSubscribe', () => {
    let subscriptions = 0;
    const source = new Observable(() => void subscriptions++);
    subscribeInner(source, {
      onSubscribe: (demand) => demand.cancel(),
      onNext: () => undefined,
      onError: () => undefined,
      onComplete: () => undefined,
    });
    expect(subscriptions).toBe(0);
  });
});

describe('an input that is no stream', () => {
  class Point {
    readonly x = 1;
  }

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [7, '7'],
    [Symbol('x'), 'Symbol(x)'],
    [{}, 'a value of class Object'],
    [new Point(), 'a value of class Point'],
    [Object.create(null), 'a value of class (none)'],
    [function load() {}, 'the function load'],
    [() => 1, 'the function (anonymous)'],
  ])('fails with a TypeError that names it: %o', (input, name) => {
    const one = start(input as never, 0);
    expect(one.calls).toEqual(['onSubscribe', 'onError']);
    expect(one.error).toBeInstanceOf(TypeError);
    expect((one.error as Error).message).toContain(`no stream: ${name}; give an Observable,`);
  });

  it('fails when it throws while it is looked at', () => {
    const mistake = new Error('mistake');
    const input = {
      get [Symbol.iterator]() {
        throw mistake;
      },
    };
    const one = start(input as never, 1);
    expect(one.error).toBe(mistake);
  });

  it('fails when it is a promise of another library that throws', () => {
    const mistake = new Error('mistake');
    const thenable = {
      // oxlint-disable-next-line unicorn/no-thenable -- that is the input
      then() {
        throw mistake;
      },
    };
    expect(start(thenable as never, 1).error).toBe(mistake);
  });
});
