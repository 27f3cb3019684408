import { setImmediate as turn } from 'node:timers/promises';

import { NEVER, range, Subject } from 'rxjs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

import type { Demand, FlowSubscriber } from '../../lib/core/demand.js';
import { Flow } from '../../lib/core/flow.js';
import { fromIterable } from '../../lib/core/from-iterable.js';
import { probe } from '../../lib/testing/flow-probe.js';
import { mergeOrdered } from '../../operators/merge-ordered.js';

describe('the signal of a call in mergeOrdered', () => {
  function start(fail: boolean): { signals: AbortSignal[]; calls: Subject<number>[]; leave: () => void } {
    const signals: AbortSignal[] = [];
    const calls = [new Subject<number>(), new Subject<number>(), new Subject<number>()];
    const subscription = range(0, 3)
      .pipe(
        mergeOrdered((n, { signal }) => {
          signals.push(signal);
          return calls[n]!;
        }),
      )
      .subscribe({ error: () => undefined });
    calls[0]!.complete();
    if (fail) calls[1]!.error(new Error('lost'));
    return { signals, calls, leave: () => subscription.unsubscribe() };
  }

  it('aborts when the subscriber leaves, unless the call is done', () => {
    const { signals, leave } = start(false);
    leave();
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, true, true]);
  });

  it('aborts when a call before it fails', () => {
    expect(start(true).signals.map(({ aborted }) => aborted)).toEqual([false, false, true]);
  });

  it('is not made unless it is read', () => {
    const made = vi.spyOn(globalThis, 'AbortController');
    onTestFinished(() => made.mockRestore());
    range(0, 3)
      .pipe(mergeOrdered(() => NEVER))
      .subscribe()
      .unsubscribe();
    expect(made).not.toHaveBeenCalled();
  });

  it('leaves no rejection unhandled when the project itself leaves', async () => {
    const unhandled = vi.fn<() => void>();
    process.on('unhandledRejection', unhandled);
    onTestFinished(() => void process.off('unhandledRejection', unhandled));
    const source = new Subject<number>();
    const rejects = async (): Promise<never> => {
      subscription.unsubscribe();
      throw new Error('left');
    };
    const subscription = source.pipe(mergeOrdered(rejects)).subscribe();
    source.next(1);
    await turn();
    expect(unhandled).not.toHaveBeenCalled();
  });

  it('leaves no rejection unhandled when it stops a promise', async () => {
    const unhandled = vi.fn<() => void>();
    process.on('unhandledRejection', unhandled);
    onTestFinished(() => void process.off('unhandledRejection', unhandled));
    const aborted = (signal: AbortSignal) =>
      new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    const subscription = range(0, 3)
      .pipe(mergeOrdered((_n, { signal }) => aborted(signal)))
      .subscribe();
    subscription.unsubscribe();
    await turn();
    expect(unhandled).not.toHaveBeenCalled();
  });
});

describe('a place in mergeOrdered that is used again', () => {
  it('asks the next call anew, whatever the promise before it was asked for', async () => {
    const source = new Subject<number>();
    const results: number[] = [];
    const first = Promise.withResolvers<number>();
    const calls = [first.promise, Promise.resolve(1), range(0, 40), fromIterable(Array.from({ length: 40 }, () => 2))];
    source.pipe(mergeOrdered((n) => calls[n]!)).subscribe((n) => results.push(n));
    for (const n of [0, 1]) source.next(n);
    await turn();
    first.resolve(0);
    await turn();
    for (const n of [2, 3]) source.next(n);
    expect(results).toHaveLength(82);
  });
});

describe('a foreign stream in mergeOrdered that breaks the rules', () => {
  type Subscriber = FlowSubscriber<number>;
  const ignored: Demand = { request: () => undefined, cancel: () => undefined };

  /** A call that does what the test says, through the subscriber that it is given. */
  function unruly(): { call: Promise<number>; to: () => Subscriber } {
    let given: Subscriber | undefined;
    const call = new Flow<number>({ subscribe: (to) => void (given = to) });
    return { call: call as never, to: () => given! };
  }

  function merge(...calls: Promise<number>[]) {
    const signals: unknown[] = [];
    const source = new Subject<Promise<number>>();
    const subscription = source.pipe(mergeOrdered((call) => call)).subscribe({
      next: (n) => signals.push(n),
      error: () => signals.push('error'),
      complete: () => signals.push('complete'),
    });
    for (const call of calls) source.next(call);
    return { source, signals, leave: () => subscription.unsubscribe() };
  }

  it('cannot speak for the call that comes after it', () => {
    const { call, to } = unruly();
    const { source, signals } = merge(call);
    to().onSubscribe(ignored);
    to().onNext(1);
    to().onComplete();
    source.next(new Promise(() => undefined));
    to().onNext(666);
    expect(signals).toEqual([1]);
  });

  it('is not heard after its end', () => {
    const [first, second] = [unruly(), unruly()];
    const { signals } = merge(first.call, second.call);
    second.to().onSubscribe(ignored);
    second.to().onError(new Error('lost'));
    second.to().onNext(666);
    second.to().onComplete();
    first.to().onComplete();
    first.to().onError(new Error('late'));
    expect(signals).toEqual(['error']);
  });

  it('cannot end the others after its end', () => {
    const [first, second] = [unruly(), unruly()];
    const { signals } = merge(first.call, second.call);
    for (const { to } of [first, second]) to().onSubscribe(ignored);
    first.to().onComplete();
    first.to().onError(new Error('late'));
    second.to().onNext(2);
    expect(signals).toEqual([2]);
  });

  it('is cancelled when it presents itself too late, or twice', () => {
    const { call, to } = unruly();
    const { leave } = merge(call);
    const cancelled: string[] = [];
    const demand = (name: string): Demand => ({ request: () => undefined, cancel: () => void cancelled.push(name) });
    to().onSubscribe(demand('first'));
    to().onSubscribe(demand('second'));
    expect(cancelled).toEqual(['second']);
    leave();
    to().onSubscribe(demand('third'));
    expect(cancelled).toEqual(['second', 'first', 'third']);
  });

  it('starts nothing as a source that goes on after its end', () => {
    let given: FlowSubscriber<number> | undefined;
    const source = new Flow<number>({ subscribe: (to) => ((given = to), to.onSubscribe(ignored)) });
    const started: number[] = [];
    const below = probe(source.via(mergeOrdered((n) => (started.push(n), NEVER))), 1);
    given!.onNext(1);
    given!.onError(new Error('lost'));
    for (const n of [2, 3]) given!.onNext(n);
    given!.onError(new Error('again'));
    below.cancel();
    given!.onNext(4);
    expect([started, below.calls]).toEqual([[1], ['onSubscribe']]);
  });
});
