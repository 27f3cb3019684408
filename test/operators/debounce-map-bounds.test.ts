import { setImmediate as turn } from 'node:timers/promises';

import { concat, EMPTY, NEVER, Observable, of, Subject, throwError } from 'rxjs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

import type { Clock } from '../../lib/core/clock.js';
import { Upstream } from '../../lib/testing/upstream.js';
import { debounceMap } from '../../operators/debounce-map.js';
import { marble } from '../support/marble.js';

/** A clock that the test moves, and that notes its timers. */
function handClock() {
  let nowMs = 0;
  let set = 0;
  const timers = new Set<{ readonly dueMs: number; run(): void }>();
  const clock: Clock = {
    now: () => nowMs,
    after(ms, run) {
      set++;
      const timer = { dueMs: nowMs + ms, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
  };
  const pass = (ms: number) => {
    for (const endMs = nowMs + ms; nowMs < endMs;) {
      nowMs++;
      for (const timer of timers) if (timer.dueMs <= nowMs && timers.delete(timer)) timer.run();
    }
  };
  return { clock, pass, waiting: () => timers.size, set: () => set };
}

function listen<R>(result: Observable<R>) {
  const results: R[] = [];
  const subscription = result.subscribe((value) => results.push(value));
  return { results, leave: () => subscription.unsubscribe() };
}

describe('the timer of debounceMap', () => {
  it('is one, and is set again only when it fires too early', () => {
    const { clock, pass, waiting, set } = handClock();
    const source = new Subject<number>();
    const { results } = listen(source.pipe(debounceMap((n) => of(n), { waitMs: 10, clock })));
    for (let n = 1; n <= 100; n++) {
      for (let k = 0; k < 50; k++) source.next(n * 50 + k);
      expect(waiting()).toBe(1);
      pass(1);
    }
    pass(8);
    expect(results).toEqual([]);
    pass(1);
    expect([results, waiting()]).toEqual([[100 * 50 + 49], 0]);
    expect(set()).toBeLessThanOrEqual(12);
  });

  it('is none while nothing waits', () => {
    const { clock, waiting } = handClock();
    const source = new Subject<number>();
    const { leave } = listen(source.pipe(debounceMap((n) => of(n), { leading: true, clock })));
    source.next(1);
    expect(waiting()).toBe(0);
    source.next(2);
    expect(waiting()).toBe(1);
    leave();
    expect(waiting()).toBe(0);
  });

  it('stays one when a value is withdrawn and another one comes', () => {
    const { clock, pass, waiting } = handClock();
    const source = new Subject<string>();
    const { leave } = listen(source.pipe(debounceMap((name) => of(name), { waitMs: 10, clock })));
    source.next('a');
    pass(10);
    for (const name of ['b', 'a', 'c']) source.next(name);
    expect(waiting()).toBe(1);
    leave();
    expect(waiting()).toBe(0);
  });

  marble('waits for the whole time after a value that came between', (t) => {
    const source = t.cold('  a----b-a--c--------');
    const expected = '       ---a---------c-----';

    const result = source.pipe(debounceMap((name) => of(name), { waitMs: 3, clock: t.clock }));
    t.expectObservable(result).toBe(expected);
  });
});

describe('a call in debounceMap', () => {
  it('sends 16 values at most while another value waits, and goes on when that is withdrawn', () => {
    const { clock, pass } = handClock();
    const source = new Subject<string>();
    const call = new Upstream();
    const { results } = listen(source.pipe(debounceMap(() => call.flow, { waitMs: 5, clock })));
    source.next('a');
    pass(5);
    for (let n = 1; n <= 30; n++) expect(call.answer()).toBe(true);
    source.next('b');
    while (call.answer());
    expect([results.length, call.sent - results.length <= 16]).toEqual([30, true]);
    source.next('a');
    expect([results.length, call.answer(), results.length]).toEqual([call.sent - 1, true, call.sent]);
    expect(results).toEqual(Array.from({ length: call.sent }, (_, index) => index + 1));
  });

  it('is told by its signal that it is superseded, before the next one starts', () => {
    const { clock, pass } = handClock();
    const source = new Subject<string>();
    const story: string[] = [];
    const { leave } = listen(
      source.pipe(
        debounceMap(
          (name, { signal }) => {
            story.push(`${name} starts`);
            signal.addEventListener('abort', () => story.push(`${name} aborts`));
            return NEVER;
          },
          { waitMs: 5, clock },
        ),
      ),
    );
    for (const name of ['a', 'b']) {
      source.next(name);
      pass(5);
    }
    leave();
    expect(story).toEqual(['a starts', 'a aborts', 'b starts', 'b aborts']);
  });

  it('keeps its signal when it ends by itself', () => {
    const { clock, pass } = handClock();
    const source = new Subject<Observable<number>>();
    const signals: AbortSignal[] = [];
    const project = (call: Observable<number>, { signal }: { signal: AbortSignal }) => (signals.push(signal), call);
    source.pipe(debounceMap(project, { waitMs: 5, clock })).subscribe({ error: () => undefined });
    for (const call of [EMPTY, throwError(() => new Error('lost'))]) {
      source.next(call);
      pass(5);
    }
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
  });

  it('leaves no rejection unhandled when it is superseded', async () => {
    const unhandled = vi.fn<() => void>();
    process.on('unhandledRejection', unhandled);
    onTestFinished(() => void process.off('unhandledRejection', unhandled));
    const { clock, pass } = handClock();
    const source = new Subject<string>();
    const aborted = (signal: AbortSignal) =>
      new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    const { leave } = listen(source.pipe(debounceMap((_, { signal }) => aborted(signal), { waitMs: 5, clock })));
    for (const name of ['a', 'b']) {
      source.next(name);
      pass(5);
    }
    leave();
    await turn();
    expect(unhandled).not.toHaveBeenCalled();
  });
});

describe('re-entrance into debounceMap', () => {
  it('by a result puts the other results on hold', () => {
    const { clock, pass } = handClock();
    const source = new Subject<string>();
    const results: string[] = [];
    const result = source.pipe(debounceMap((name) => [`${name}1`, `${name}2`], { waitMs: 5, clock }));
    result.subscribe((text) => {
      results.push(text);
      if (text === 'a1') source.next('b');
    });
    source.next('a');
    pass(5);
    expect(results).toEqual(['a1']);
    pass(5);
    expect(results).toEqual(['a1', 'b1', 'b2']);
  });

  it('by a result that changes its mind keeps the order', () => {
    const { clock, pass } = handClock();
    const source = new Subject<string>();
    const results: string[] = [];
    const result = source.pipe(debounceMap((name) => [`${name}1`, `${name}2`], { waitMs: 5, clock }));
    result.subscribe((text) => {
      results.push(text);
      for (const name of ['b', 'a']) if (text === 'a1') source.next(name);
    });
    source.next('a');
    pass(20);
    expect(results).toEqual(['a1', 'a2']);
  });

  it('by a project supersedes the call that the project is for', () => {
    const { clock, pass } = handClock();
    const source = new Subject<string>();
    let subscriptions = 0;
    const project = (name: string) => {
      if (name === 'a') source.next('b');
      return new Observable<string>((subscriber) => {
        subscriptions++;
        subscriber.next(name);
      });
    };
    const { results } = listen(source.pipe(debounceMap(project, { waitMs: 0, leading: true, clock })));
    source.next('a');
    pass(1);
    expect([results, subscriptions]).toEqual([['b'], 1]);
  });

  it('by an abort starts the newest call alone', () => {
    const { clock, pass } = handClock();
    const source = new Subject<string>();
    const started: string[] = [];
    const project = (name: string, { signal }: { signal: AbortSignal }) => {
      started.push(name);
      if (name === 'a') signal.addEventListener('abort', () => source.next('c'));
      return of(name);
    };
    const { results } = listen(
      source.pipe(
        debounceMap((name, context) => concat(project(name, context), NEVER), { waitMs: 0, leading: true, clock }),
      ),
    );
    source.next('a');
    source.next('b');
    pass(1);
    expect([started, results]).toEqual([
      ['a', 'c'],
      ['a', 'c'],
    ]);
  });

  it('by a project that leaves subscribes to nothing', () => {
    const { clock, pass, waiting } = handClock();
    const source = new Subject<string>();
    let subscriptions = 0;
    const listening = listen(
      source.pipe(
        debounceMap(
          () => {
            listening.leave();
            return new Observable(() => void subscriptions++);
          },
          { waitMs: 1, clock },
        ),
      ),
    );
    source.next('a');
    pass(2);
    expect([subscriptions, source.observed, waiting()]).toEqual([0, false, 0]);
  });
});
