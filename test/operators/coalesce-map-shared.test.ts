import { setImmediate as turn } from 'node:timers/promises';

import { EMPTY, NEVER, type Observable, of, Subject } from 'rxjs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { TimeoutError } from '../../lib/core/errors.js';
import { type CoalescerState, createCoalescer } from '../../lib/core/policy/coalescer.js';
import { type PolicyEvent, policyEvents } from '../../lib/core/policy/policy-events.js';
import { coalesceMap } from '../../operators/coalesce-map.js';
import { marble } from '../support/marble.js';

const lost = new Error('lost');

function note<R>(result: Observable<R>) {
  const signals: unknown[] = [];
  const subscription = result.subscribe({
    next: (value) => signals.push(value),
    error: (error: unknown) => signals.push(error),
    complete: () => signals.push('|'),
  });
  return { signals, leave: () => subscription.unsubscribe() };
}

/** Subscriptions that share their calls; each call is a Subject that the test answers through. */
function shared() {
  const coalescer = createCoalescer<string>();
  const calls: Subject<string>[] = [];
  const signals: AbortSignal[] = [];
  const project = (_: string, { signal }: { signal: AbortSignal }) => {
    signals.push(signal);
    return calls[calls.push(new Subject<string>()) - 1]!;
  };
  const ask = (name: string) => note(of(name).pipe(coalesceMap(project, (key) => key, { coalescer })));
  return { coalescer, calls, signals, ask };
}

describe('subscriptions that share a coalescer', () => {
  it('share a call, and each has its answer', () => {
    const { calls, ask } = shared();
    const [one, two, other] = [ask('a'), ask('a'), ask('b')];
    expect(calls).toHaveLength(2);
    calls[0]!.next('A');
    calls[0]!.complete();
    expect([one.signals, two.signals, other.signals]).toEqual([['A', '|'], ['A', '|'], []]);
  });

  it('keep their answer when the one that asked first leaves', () => {
    const { calls, signals, ask } = shared();
    const [first, second] = [ask('a'), ask('a')];
    first.leave();
    expect([signals[0]!.aborted, calls[0]!.observed]).toEqual([false, true]);
    calls[0]!.next('A');
    expect([first.signals, second.signals]).toEqual([[], ['A']]);
  });

  it('cancel the call when the last one leaves, whoever that is, and ask anew afterwards', () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const { coalescer, calls, signals, ask } = shared();
      const waiting = [ask('a'), ask('a')];
      for (const index of order) waiting[index]!.leave();
      expect([signals[0]!.aborted, calls[0]!.observed, coalescer.state.running]).toEqual([true, false, 0]);
      const again = ask('a');
      calls[1]!.next('A');
      expect(again.signals).toEqual(['A']);
    }
  });

  it('have the same error, which is not kept', () => {
    const { calls, ask } = shared();
    const [one, two] = [ask('a'), ask('a')];
    calls[0]!.error(lost);
    expect([one.signals, two.signals]).toEqual([[lost], [lost]]);
    const again = ask('a');
    expect([calls.length, again.signals]).toEqual([2, []]);
  });

  it('complete when the call ends without a value, which is not kept either', () => {
    const { calls, ask } = shared();
    const [one, two] = [ask('a'), ask('a')];
    calls[0]!.complete();
    ask('a');
    expect([one.signals, two.signals, calls.length]).toEqual([['|'], ['|'], 2]);
  });

  it('ask anew from within an answer, an error or an abort', () => {
    for (const end of ['next', 'error', 'abort'] as const) {
      const { calls, signals, ask } = shared();
      const first = ask('a');
      if (end === 'abort') signals[0]!.addEventListener('abort', () => ask('a'));
      else calls[0]!.subscribe({ next: () => ask('a'), error: () => ask('a') });
      if (end === 'abort') first.leave();
      else if (end === 'next') calls[0]!.next('A');
      else calls[0]!.error(lost);
      expect([end, calls.length]).toEqual([end, 2]);
    }
  });

  it('wait for nothing that a project which throws, or never starts, has left behind', () => {
    const coalescer = createCoalescer<never>();
    const ask = (project: () => Observable<never>) =>
      note(of(1).pipe(coalesceMap(project, (key) => key, { coalescer }))).signals;
    const failing = () => {
      throw lost;
    };
    expect([ask(failing), ask(failing), ask(() => 7 as never)[0]]).toEqual([[lost], [lost], expect.any(TypeError)]);
    expect([ask(() => EMPTY), coalescer.state.running]).toEqual([['|'], 0]);
  });

  it('leave no rejection unhandled', async () => {
    const unhandled = vi.fn<() => void>();
    process.on('unhandledRejection', unhandled);
    onTestFinished(() => void process.off('unhandledRejection', unhandled));
    const coalescer = createCoalescer<never>();
    const aborted = (_: number, { signal }: { signal: AbortSignal }) =>
      new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    const asked = [1, 2].map(() => note(of(1).pipe(coalesceMap(aborted, (key) => key, { coalescer }))));
    for (const { leave } of asked) leave();
    await turn();
    expect([unhandled.mock.calls, asked.map(({ signals }) => signals)]).toEqual([[], [[], []]]);
  });

  it('tell how many there are', () => {
    const { coalescer, calls, ask } = shared();
    const states: CoalescerState[] = [];
    coalescer.changes.subscribe((state) => states.push(state));
    const first = ask('a');
    ask('a');
    first.leave();
    calls[0]!.next('A');
    const figures = states.map(({ running, waiting, started, joined }) => [running, waiting, started, joined]);
    expect(figures).toEqual([
      [0, 0, 0, 0],
      [1, 1, 1, 0],
      [1, 2, 1, 1],
      [1, 1, 1, 1],
      [0, 0, 1, 1],
    ]);
    expect(coalescer.state).toEqual(states.at(-1));
    expect(Object.isFrozen(coalescer.state)).toBe(true);
  });

  it('leave nothing behind when a listener to the coalescer leaves before the call is made', () => {
    const coalescer = createCoalescer<number>();
    const project = vi.fn<() => Observable<number>>(() => NEVER);
    const source = new Subject<number>();
    const subscription = source.pipe(coalesceMap(project, (key) => key, { coalescer })).subscribe();
    coalescer.changes.subscribe(({ running }) => running > 0 && subscription.unsubscribe());
    source.next(1);
    expect([project.mock.calls.length, coalescer.state.running, source.observed]).toEqual([0, 0, false]);
  });
});

describe('the deadline of a value in coalesceMap', () => {
  marble('ends the wait of that value alone; the call lives on for the others', (t) => {
    const coalescer = createCoalescer<string>();
    const call = t.cold('    -----1|');
    const patient = '        -----(1|)';
    const hasty = '          ---#';

    const options = { coalescer, clock: t.clock };
    const ask = (deadlineMs: number) =>
      t.cold('(a|)').pipe(
        coalesceMap(
          () => call,
          (key) => key,
          { ...options, deadlineMs },
        ),
      );
    const late = new TimeoutError('total', 3, {}, 'coalesceMap.deadlineMs');
    t.expectObservable(ask(3)).toBe(hasty, undefined, late);
    t.expectObservable(ask(9)).toBe(patient.replace('(1|)', '1|'));
    t.expectSubscriptions(call.subscriptions).toBe('^-----!');
  });

  marble('cancels the call when nobody else waits', (t) => {
    const call = t.cold('    -----1|');
    const result = t.cold('a').pipe(
      coalesceMap(
        () => call,
        (key) => key,
        { deadlineMs: 3, clock: t.clock },
      ),
    );
    t.expectObservable(result).toBe('---#', undefined, new TimeoutError('total', 3, {}, 'coalesceMap.deadlineMs'));
    t.expectSubscriptions(call.subscriptions).toBe('^--!');
  });

  marble('counts from when the value came, in the queue too', (t) => {
    const source = t.cold('  ab---');
    const result = source.pipe(
      coalesceMap(
        (name) => (name === 'a' ? t.cold('--1-') : t.cold('1')),
        (key) => key,
        { concurrency: 1, deadlineMs: 3, clock: t.clock },
      ),
    );
    t.expectObservable(result).toBe('--1-#', undefined, new TimeoutError('total', 3, {}, 'coalesceMap.deadlineMs'));
  });

  marble('is met by the first value, however long the others take', (t) => {
    const call = t.cold('    --1-----2|');
    const result = t.cold('a').pipe(
      coalesceMap(
        () => call,
        (key) => key,
        { deadlineMs: 3, clock: t.clock },
      ),
    );
    t.expectObservable(result).toBe('--1-----2-');
  });

  it('is told as a policy event, as is joining', () => {
    const events: PolicyEvent[] = [];
    const watching = policyEvents.subscribe((event) => events.push(event));
    onTestFinished(() => watching.unsubscribe());
    const coalescer = createCoalescer<never>({ name: 'users' });
    let expire = (): void => undefined;
    const clock = { now: () => 5, after: (_ms: number, run: () => void) => ((expire = run), () => undefined) };
    const options = { coalescer, deadlineMs: 0, clock };
    note(
      of(1, 1).pipe(
        coalesceMap(
          () => NEVER,
          (key) => key,
          options,
        ),
      ),
    );
    expire();
    const common = { policy: 'coalesceMap', name: 'users', atMs: 5 };
    expect(events).toEqual([
      { type: 'joined', waiters: 2, ...common },
      { type: 'timeout', which: 'total', limitMs: 0, ...common },
    ]);
  });
});
