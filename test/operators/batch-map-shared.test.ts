import { setImmediate as turn } from 'node:timers/promises';

import fc from 'fast-check';
import { BehaviorSubject, NEVER, type Observable, of, Subject, type Subscription } from 'rxjs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

import type { Clock } from '../../lib/core/clock.js';
import type { BatchAnswer } from '../../lib/core/merge/batch.js';
import { type BatcherState, createBatcher } from '../../lib/core/policy/batcher.js';
import { batchMap } from '../../operators/batch-map.js';

const lost = new Error('lost');

interface Load {
  readonly values: readonly number[];
  readonly answer: Subject<BatchAnswer<number, string>>;
  readonly signal: AbortSignal;
}

function note<R>(result: Observable<R>) {
  const signals: unknown[] = [];
  const subscription = result.subscribe({
    next: (value) => signals.push(value),
    error: (error: unknown) => signals.push(error),
    complete: () => signals.push('|'),
  });
  return { signals, leave: () => subscription.unsubscribe() };
}

/** A clock whose timers the test lets ring. */
function handClock() {
  const timers = new Set<() => void>();
  const clock: Clock = { now: () => 0, after: (_, run) => (timers.add(run), () => void timers.delete(run)) };
  const ring = () => {
    for (const run of timers) if (timers.delete(run)) run();
  };
  return { clock, ring, waiting: () => timers.size };
}

/** Subscriptions that share their batches; the test answers. */
function shared(options: { maxCount?: number; concurrency?: number } = {}) {
  const loads: Load[] = [];
  const batcher = createBatcher((values: readonly number[], { signal }): Observable<BatchAnswer<number, string>> => {
    const answer = new Subject<BatchAnswer<number, string>>();
    loads.push({ values, answer, signal });
    return answer;
  }, options);
  const ask = (n: number) => note(of(n).pipe(batchMap(batcher)));
  return { batcher, loads, ask };
}

describe('subscriptions that share a batcher', () => {
  it('are loaded together, and each has its own result or error', async () => {
    const { loads, ask } = shared();
    const asked = [1, 2, 3].map((n) => ask(n));
    await turn();
    expect(loads.map(({ values }) => values)).toEqual([[1, 2, 3]]);
    loads[0]!.answer.next(['one', lost, 'three']);
    expect(asked.map(({ signals }) => signals)).toEqual([['one', '|'], [lost], ['three', '|']]);
  });

  it('have the failure of the whole batch each', async () => {
    const { loads, ask } = shared();
    const asked = [1, 2].map((n) => ask(n));
    await turn();
    loads[0]!.answer.error(lost);
    expect(asked.map(({ signals }) => signals)).toEqual([[lost], [lost]]);
  });

  it('leave before the load without a trace in it', async () => {
    const { batcher, loads, ask } = shared();
    const asked = [1, 2, 3].map((n) => ask(n));
    asked[1]!.leave();
    await turn();
    expect(loads.map(({ values }) => values)).toEqual([[1, 3]]);
    loads[0]!.answer.next(['one', 'three']);
    expect(asked.map(({ signals }) => signals)).toEqual([['one', '|'], [], ['three', '|']]);
    const gone = ask(4);
    gone.leave();
    await turn();
    expect([loads.length, batcher.state]).toEqual([1, { waiting: 0, running: 0, batches: 1, values: 2 }]);
  });

  it('cancel the batch when the last one leaves, and not before', async () => {
    const { loads, ask } = shared({ maxCount: 2 });
    const asked = [1, 2].map((n) => ask(n));
    asked[0]!.leave();
    expect([loads[0]!.signal.aborted, loads[0]!.answer.observed]).toEqual([false, true]);
    asked[1]!.leave();
    expect([loads[0]!.signal.aborted, loads[0]!.answer.observed]).toEqual([true, false]);
  });

  it('give the place of a cancelled batch to the next one', async () => {
    const { loads, ask } = shared({ maxCount: 1, concurrency: 1 });
    const asked = [1, 2].map((n) => ask(n));
    expect(loads.map(({ values }) => values)).toEqual([[1]]);
    asked[0]!.leave();
    expect(loads.map(({ values }) => values)).toEqual([[1], [2]]);
  });

  it('leave no rejection unhandled', async () => {
    const unhandled = vi.fn<() => void>();
    process.on('unhandledRejection', unhandled);
    onTestFinished(() => void process.off('unhandledRejection', unhandled));
    const load = (_: readonly number[], { signal }: { signal: AbortSignal }) =>
      new Promise<string[]>((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error)),
      );
    const batcher = createBatcher(load);
    const { leave } = note(of(1).pipe(batchMap(batcher)));
    await turn();
    leave();
    await turn();
    expect(unhandled).not.toHaveBeenCalled();
  });

  it('tell how many there are', () => {
    const { batcher, loads, ask } = shared({ maxCount: 2 });
    const states: BatcherState[] = [];
    batcher.changes.subscribe((state) => states.push(state));
    for (const n of [1, 2]) ask(n);
    loads[0]!.answer.next(['one', 'two']);
    expect(states.map(({ waiting, running, batches, values }) => [waiting, running, batches, values])).toEqual([
      [0, 0, 0, 0],
      [1, 0, 0, 0],
      [2, 0, 0, 0],
      [0, 1, 1, 2],
      [0, 0, 1, 2],
    ]);
  });

  it('are refused options of their own, and batchers that are none', () => {
    const { batcher } = shared();
    expect(() => batchMap(batcher, { maxCount: 1 })).toThrow('a batcher has its own: give them to createBatcher()');
    expect(() => batchMap({} as never)).toThrow('give a function that loads, or what createBatcher() made');
    expect(() => createBatcher(() => NEVER, { maxCount: 0 })).toThrow('createBatcher.maxCount');
  });
});

describe('one subscription that leaves', () => {
  /** One batch of a value that runs, and one behind it that has waited long enough. */
  function two() {
    const { clock, ring, waiting } = handClock();
    const answer = new Subject<string[]>();
    const load = vi.fn<() => Observable<string[]>>(() => answer);
    const source = new Subject<number>();
    const noted = note(source.pipe(batchMap(load, { maxCount: 2, concurrency: 1, waitMs: 5, clock })));
    for (const n of [1, 2]) {
      source.next(n);
      ring();
    }
    return { ...noted, answer, load, waiting };
  }

  it('starts none of the batches that wait behind those that it cancels', () => {
    const { leave, load, answer, waiting } = two();
    leave();
    expect([load.mock.calls.length, answer.observed, waiting()]).toEqual([1, false, 0]);
  });

  it('by the failure of a batch starts none behind it', () => {
    const { signals, load, answer, waiting } = two();
    answer.error(lost);
    expect([signals, load.mock.calls.length, waiting()]).toEqual([[lost], 1, 0]);
  });

  it('leaves no timer behind, nor a load of nothing', () => {
    const { clock, ring, waiting } = handClock();
    const load = vi.fn<() => Observable<never>>(() => NEVER);
    const source = new Subject<number>();
    const { leave } = note(source.pipe(batchMap(load, { waitMs: 5, clock })));
    source.next(1);
    expect(waiting()).toBe(1);
    leave();
    expect(waiting()).toBe(0);
    ring();
    expect(load).not.toHaveBeenCalled();
  });

  it('takes its full batch out of those that wait for a place', () => {
    const { loads, ask } = shared({ maxCount: 1, concurrency: 1 });
    const asked = [1, 2, 3].map((n) => ask(n));
    asked[1]!.leave();
    loads[0]!.answer.next(['one']);
    expect(loads.map(({ values }) => values)).toEqual([[1], [3]]);
  });
});

type Step = readonly [kind: string, n: number];

describe('batchMap, whatever happens in whatever order', () => {
  it('loads each value once, keeps its limits and leaves nothing behind', () => {
    const kinds = fc.constantFrom('ask', 'ask', 'ask', 'answer', 'answer', 'fail', 'join', 'leave', 'limit', 'ring');
    fc.assert(
      fc.property(fc.array(fc.tuple(kinds, fc.nat(9)), { maxLength: 60 }), (script: readonly Step[]) => {
        const { clock, ring, waiting } = handClock();
        const limit = new BehaviorSubject(2);
        const running: Load[] = [];
        const loaded: number[] = [];
        const broken: string[] = [];
        let most = 2;
        const load = (values: readonly number[], { signal }: { signal: AbortSignal }) => {
          const answer = new Subject<BatchAnswer<number, string>>();
          // Noted rather than thrown: what a load throws is an error of its values.
          if (values.length > 3) broken.push('too many values');
          if (running.filter((one) => one.answer.observed).length >= most) broken.push('too many batches');
          loaded.push(...values);
          running.push({ values, answer, signal });
          return answer;
        };
        const batcher = createBatcher(load, { maxCount: 3, waitMs: 5, concurrency: limit, clock });
        const users: { source: Subject<number>; run: Subscription; asked: number[]; got: string[]; over: boolean }[] =
          [];
        const join = () => {
          const user = { source: new Subject<number>(), asked: [] as number[], got: [] as string[], over: false };
          const run = user.source.pipe(batchMap(batcher)).subscribe({
            next: (text) => user.got.push(text),
            error: () => (user.over = true),
          });
          users.push(Object.assign(user, { run }));
        };
        let next = 0;
        const act = ([kind, n]: Step) => {
          const user = users[n % users.length]!;
          const open = running.filter(({ answer }) => answer.observed);
          const one = open[n % Math.max(1, open.length)];
          if (kind === 'join') join();
          else if (kind === 'ask') user.source.next((user.asked.push(++next), next));
          else if (kind === 'leave') user.run.unsubscribe();
          else if (kind === 'limit') limit.next((most = n % 3));
          else if (kind === 'ring') ring();
          else if (kind === 'fail') one?.answer.error(lost);
          else one?.answer.next(one.values.map(String));
          for (const { got, asked } of users) expect(got).toEqual(asked.slice(0, got.length).map(String));
          const live = running.filter(({ answer }) => answer.observed).length;
          expect(batcher.state.running).toBe(live);
        };
        join();
        for (const step of script) act(step);
        limit.next((most = 3));
        for (let k = 0; k < 100; k++) act([k % 2 === 0 ? 'ring' : 'answer', 0]);
        for (const { got, asked, over, run } of users) {
          if (!over && !run.closed) expect(got).toEqual(asked.map(String));
        }
        expect(broken).toEqual([]);
        expect(new Set(loaded).size).toBe(loaded.length);
        for (const { run } of users) run.unsubscribe();
        expect([waiting(), limit.observed, batcher.state.waiting, batcher.state.running]).toEqual([0, false, 0, 0]);
        expect(users.filter(({ source }) => source.observed)).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });
});
