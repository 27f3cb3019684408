import fc from 'fast-check';
import { EMPTY, NEVER, type Observable, of, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { AllFailedError } from '../../lib/core/all-failed-error.js';
import { NetworkError } from '../../lib/core/errors.js';
import { fromIterable } from '../../lib/core/from-iterable.js';
import { PROGRESS } from '../../lib/core/progress.js';
import { probe } from '../../lib/testing/flow-probe.js';
import { obeysTheOperatorLaws } from '../../lib/testing/laws.js';
import { operatorObeysTheFlowRules } from '../../lib/testing/operator-rules.js';
import { mergeFirst } from '../../operators/merge-first.js';
import { gc } from '../support/gc.js';
import { obeysALimitThatChanges } from '../support/limit-rules.js';
import { marble } from '../support/marble.js';
import { MergeScript, type Sent, steps } from '../support/merge-script.js';

const lost = new Error('lost');
const other = new Error('other');
const progress = { type: 'sent', [PROGRESS]: true };

/** What comes of the calls, as one list. */
function outcome(calls: readonly Observable<unknown>[]): unknown[] {
  const signals: unknown[] = [];
  of(...calls)
    .pipe(mergeFirst((call) => call))
    .subscribe({
      next: (value) => signals.push(value),
      error: (error: unknown) => signals.push(error),
      complete: () => signals.push('complete'),
    });
  return signals;
}

describe('mergeFirst', () => {
  describe('with a winner', () => {
    // It completes when the winner does, whatever else its source would send.
    obeysTheOperatorLaws(() => mergeFirst((n) => of(n, -n)), { it, expect, except: ['same-error'] });
  });

  describe('without a winner', () => {
    obeysTheOperatorLaws(() => mergeFirst(() => NEVER), { it, expect });
  });

  describe('of streams of progress, of which none wins, in a Flow', () => {
    const make = () => mergeFirst((n: number) => fromIterable([{ n, [PROGRESS]: true }]), { concurrency: 3 });
    operatorObeysTheFlowRules(make, { it, expect, gc, bound: 3 });
  });

  describe('of one that wins, in a Flow', () => {
    const make = () => mergeFirst(async (n: number) => n, { concurrency: 2 });
    // These need more than one result, or an error of the source that comes after it.
    operatorObeysTheFlowRules(make, { it, expect, gc, bound: 2, most: 1, except: ['1.4', '2.5', '4.2'] });
  });

  marble('keeps the first call that sends a value, and cancels the source and the others', (t) => {
    const source = t.cold('  (abc)---d ');
    const a = t.cold('       -----1|   ');
    const b = t.cold('       --2-3|    ');
    const c = t.cold('       -#        ', undefined, lost);
    const expected = '       --2-3|    ';

    const calls = new Map(Object.entries({ a, b, c }));
    t.expectObservable(source.pipe(mergeFirst((name) => calls.get(name)!))).toBe(expected);
    t.expectSubscriptions(source.subscriptions).toBe('^-!');
    t.expectSubscriptions(a.subscriptions).toBe('^-!');
    t.expectSubscriptions(b.subscriptions).toBe('^----!');
    t.expectSubscriptions(c.subscriptions).toBe('^!');
  });

  marble('tries one candidate after the other with a concurrency of 1', (t) => {
    const source = t.cold('  (abc|) ');
    const a = t.cold('       --#    ', undefined, lost);
    const b = t.cold('         -2|  ');
    const c = t.cold('       3|     ');
    const expected = '       ---2|  ';

    const calls = new Map(Object.entries({ a, b, c }));
    t.expectObservable(source.pipe(mergeFirst((name) => calls.get(name)!, { concurrency: 1 }))).toBe(expected);
    t.expectSubscriptions(b.subscriptions).toBe('--^-!');
    t.expectSubscriptions(c.subscriptions).toBe([]);
  });

  marble('fails with all errors when the last call has failed', (t) => {
    const source = t.cold('  (ab|)');
    const a = t.cold('       ---# ', undefined, lost);
    const b = t.cold('       -#   ', undefined, other);
    const expected = '       ---# ';

    const calls = new Map(Object.entries({ a, b }));
    const merged = source.pipe(mergeFirst((name) => calls.get(name)!));
    t.expectObservable(merged).toBe(expected, undefined, new AllFailedError([other, lost]));
  });

  marble('passes on the error of the winner, and of the source, as they are', (t) => {
    const winner = t.cold('  -1-# ', undefined, lost);
    t.expectObservable(of(1, 2).pipe(mergeFirst((n) => (n === 1 ? winner : NEVER)))).toBe('-1-#', undefined, lost);

    const source = t.cold('  a-# ', undefined, other);
    const call = t.cold('    ---1');
    t.expectObservable(source.pipe(mergeFirst(() => call))).toBe('--#', undefined, other);
    t.expectSubscriptions(call.subscriptions).toBe('^-!');
  });

  marble('cancels the source and every call when the subscriber leaves', (t) => {
    const source = t.cold('  a-b-----');
    const call = t.cold('    ------1|');

    t.expectObservable(source.pipe(mergeFirst(() => call)), '----!').toBe('-----');
    t.expectSubscriptions(source.subscriptions).toBe('^---!');
    t.expectSubscriptions(call.subscriptions).toBe(['^---!', '--^-!']);
  });

  it('lets progress pass without a winner, and from the winner alone afterwards', () => {
    const calls = [new Subject<unknown>(), new Subject<unknown>()];
    const signals = outcome(calls);
    for (const call of calls) call.next(progress);
    calls[1]!.next('won');
    expect(calls[0]!.observed).toBe(false);
    calls[1]!.next(progress);
    expect(signals).toEqual([progress, progress, 'won', progress]);
  });

  it('does not take progress for success where a call fails after it', () => {
    const calls = [new Subject<unknown>(), new Subject<unknown>()];
    const signals = outcome(calls);
    calls[0]!.next(progress);
    calls[0]!.error(lost);
    calls[1]!.error(other);
    expect(signals).toEqual([progress, new AllFailedError([lost, other])]);
  });

  it('passes by calls that complete without a value, and completes when nothing better comes', () => {
    const fails = throwError(() => lost);
    expect(outcome([EMPTY, fails, of(1)])).toEqual([1, 'complete']);
    expect(outcome([EMPTY, fails])).toEqual(['complete']);
    expect(outcome([])).toEqual(['complete']);
  });

  it('counts what a project throws, and an answer that is no stream, as failures', () => {
    const errors: AllFailedError[] = [];
    const project = (n: number): never => {
      if (n === 1) throw lost;
      return 7 as never;
    };
    of(1, 2)
      .pipe(mergeFirst(project))
      .subscribe({ error: (error: AllFailedError) => errors.push(error) });
    expect(errors[0]?.errors).toEqual([lost, expect.any(TypeError)]);
  });

  it('is not moved by losers that fail when one of them is aborted', () => {
    const [winner, ...losers] = [new Subject<number>(), new Subject<number>(), new Subject<number>()];
    const project = (call: Subject<number>, { signal }: { signal: AbortSignal }) => {
      if (call !== winner) signal.addEventListener('abort', () => losers.forEach((loser) => loser.error(lost)));
      return call;
    };
    const below = probe(fromIterable([losers[0]!, winner!, losers[1]!]).via(mergeFirst(project)), Infinity);
    for (const n of [1, 2]) winner!.next(n);
    winner!.complete();
    expect([below.values, below.ending]).toEqual([[1, 2], 'complete']);
  });

  it('sends nothing that a loser had waiting', () => {
    const calls = [new Subject<unknown>(), new Subject<unknown>()];
    const below = probe(fromIterable(calls).via(mergeFirst((call) => call)), 1);
    calls[0]!.next(progress);
    calls[1]!.next(1);
    calls[0]!.next(2);
    below.request(Infinity);
    expect([below.values, calls[0]!.observed]).toEqual([[progress, 1], false]);
  });

  it('sends progress that waits before the errors', () => {
    const call = new Subject<unknown>();
    const below = probe(fromIterable([1]).via(mergeFirst(() => call)), 1);
    for (let n = 0; n < 2; n++) call.next(progress);
    call.error(lost);
    expect([below.values, below.ending]).toEqual([[progress], undefined]);
    below.request(1);
    expect([below.values.length, below.error]).toEqual([2, new AllFailedError([lost])]);
  });
});

describe('an AllFailedError', () => {
  const busy = new NetworkError('busy', 'connect', { attempts: 2, retryAfterMs: 50 });
  const slow = new NetworkError('slow', 'connect', { attempts: 1, retryAfterMs: 2_000 });
  const unsafe = new NetworkError('sent', 'receive', { retryable: false });

  it('says what its errors say together', () => {
    const { kind, attempts, retryable, transient, retryAfterMs, cause, message } = new AllFailedError([busy, slow]);
    expect({ kind, attempts, retryable, transient, retryAfterMs }).toEqual({
      kind: 'all-failed',
      attempts: 3,
      retryable: true,
      transient: true,
      retryAfterMs: 2_000,
    });
    expect([cause, message]).toEqual([busy, 'none of 2 calls succeeded; the first error is NetworkError: busy']);
  });

  it('is not retryable when one of the calls must not be repeated, or is not known to be', () => {
    expect([new AllFailedError([busy, unsafe]).retryable, new AllFailedError([busy, lost]).retryable]).toEqual([
      false,
      false,
    ]);
    expect(new AllFailedError([lost]).transient).toBe(false);
  });
});

describe('mergeFirst, whatever happens in whatever order', () => {
  it('sends the values of one call, or tells why there is none, and leaves nothing alive', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const trial = new MergeScript<Sent>((project, concurrency) => mergeFirst(project, { concurrency }));
        for (const step of script) trial.play(step);
        trial.finish();
        const { below, over, source, started } = trial;
        expect([over, started]).toEqual([[], started.map((_, index) => index + 1)]);
        expect(new Set(below.values.map(([input]) => input)).size).toBeLessThanOrEqual(1);
        expect(below.values.map(([, count]) => count)).toEqual(below.values.map((_, index) => index + 1));
        if (!script.some(({ kind }) => kind === 'leave')) expect(below.ending).toBeDefined();
        if (below.error instanceof AllFailedError) expect(below.error.errors).toHaveLength(started.length);
        expect([source.badRequests, trial.alive()]).toEqual([[], []]);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('the options of mergeFirst', () => {
  obeysALimitThatChanges((project, options) => mergeFirst(project, options));

  it('refuse a key that is not known', () => {
    expect(() => mergeFirst(() => NEVER, { concurency: 4 } as object)).toThrow('did you mean "concurrency"?');
  });
});
