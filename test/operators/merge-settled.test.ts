import fc from 'fast-check';
import { concat, EMPTY, NEVER, of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { fromIterable } from '../../lib/core/from-iterable.js';
import type { Settled } from '../../lib/core/merge/settled-merge.js';
import { probe } from '../../lib/testing/flow-probe.js';
import { obeysTheOperatorLaws } from '../../lib/testing/laws.js';
import { operatorObeysTheFlowRules } from '../../lib/testing/operator-rules.js';
import { mergeSettled } from '../../operators/merge-settled.js';
import { gc } from '../support/gc.js';
import { obeysALimitThatChanges } from '../support/limit-rules.js';
import { marble } from '../support/marble.js';
import { MergeScript, type Sent, steps } from '../support/merge-script.js';

const lost = new Error('lost');
const fulfilled = <T, R>(input: T, value: R) => ({ status: 'fulfilled', value, input });
const rejected = <T>(input: T, reason: unknown) => ({ status: 'rejected', reason, input });

describe('mergeSettled', () => {
  obeysTheOperatorLaws(() => mergeSettled((n) => of(n, -n)), { it, expect });

  describe('of promises of which some fail, in a Flow', () => {
    const call = async (n: number) => (n % 2 ? n : Promise.reject(lost));
    const make = () => mergeSettled(call, { concurrency: 4 });
    operatorObeysTheFlowRules(make, { it, expect, gc, bound: 4 });
  });

  describe('of streams, in a Flow', () => {
    const make = () => mergeSettled((n: number) => fromIterable([n, -n]), { concurrency: 2 });
    operatorObeysTheFlowRules(make, { it, expect, gc, bound: 2 });
  });

  marble('tells what each call sends and how it fails, as it comes', (t) => {
    const source = t.cold('  (abc|)   ');
    const a = t.cold('       ---1|    ');
    const b = t.cold('       -2#      ', undefined, lost);
    const c = t.cold('         ----3| ');
    const expected = '       -xyz--w| ';
    const outcomes = { x: fulfilled('b', '2'), y: rejected('b', lost), z: fulfilled('a', '1'), w: fulfilled('c', '3') };

    const calls = new Map(Object.entries({ a, b, c }));
    const merged = source.pipe(mergeSettled((name) => calls.get(name)!, { concurrency: 2 }));
    t.expectObservable(merged).toBe(expected, outcomes);
    t.expectSubscriptions(source.subscriptions).toBe('(^!)');
    t.expectSubscriptions(a.subscriptions).toBe('^---!');
    t.expectSubscriptions(b.subscriptions).toBe('^-!');
    t.expectSubscriptions(c.subscriptions).toBe('--^----!');
  });

  marble('passes an error of the source on once all that it has sent is done', (t) => {
    const source = t.cold('  (ab#)    ', undefined, lost);
    const call = t.cold('    --1|     ');
    const expected = '       --x--y#  ';
    const outcomes = { x: fulfilled('a', '1'), y: fulfilled('b', '1') };

    const merged = source.pipe(mergeSettled(() => call, { concurrency: 1 }));
    t.expectObservable(merged).toBe(expected, outcomes, lost);
    t.expectSubscriptions(call.subscriptions).toBe(['^--!', '---^--!']);
  });

  marble('cancels the source and every call when the subscriber leaves', (t) => {
    const source = t.cold('  a-b-----');
    const call = t.cold('    ------1|');

    t.expectObservable(source.pipe(mergeSettled(() => call)), '----!').toBe('-----');
    t.expectSubscriptions(source.subscriptions).toBe('^---!');
    t.expectSubscriptions(call.subscriptions).toBe(['^---!', '--^-!']);
  });

  it('tells what a project throws, and of an answer that is no stream', () => {
    const outcomes: Settled<number, never>[] = [];
    const project = (n: number): never => (n === 1 ? throwNow(lost) : (7 as never));
    of(1, 2)
      .pipe(mergeSettled(project))
      .subscribe((outcome) => outcomes.push(outcome));
    expect(outcomes).toEqual([rejected(1, lost), rejected(2, expect.any(TypeError))]);
  });

  it('tells nothing of a call that completes without a value, and goes on', () => {
    const outcomes: Settled<number, number>[] = [];
    of(1, 2)
      .pipe(mergeSettled((n) => (n === 1 ? EMPTY : of(n)), { concurrency: 1 }))
      .subscribe((outcome) => outcomes.push(outcome));
    expect(outcomes).toEqual([fulfilled(2, 2)]);
  });

  it('keeps a failure until it is asked for, and its place until then', () => {
    let started = 0;
    const call = (n: number) => (
      started++,
      concat(
        of(n),
        throwError(() => lost),
      )
    );
    const below = probe(fromIterable([1, 2, 3]).via(mergeSettled(call, { concurrency: 1 })), 1);
    expect([below.values, started]).toEqual([[fulfilled(1, 1)], 1]);
    below.request(1);
    expect([below.values.at(-1), started]).toEqual([rejected(1, lost), 2]);
    below.request(10);
    expect([below.values.length, below.ending]).toEqual([6, 'complete']);
  });
});

describe('mergeSettled, whatever happens in whatever order', () => {
  it('tells the fate of every call, and leaves nothing alive', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const trial = new MergeScript<Settled<number, Sent>>((project, concurrency) =>
          mergeSettled(project, { concurrency }),
        );
        for (const step of script) trial.play(step);
        trial.finish();
        const { below, over, source, started } = trial;
        expect([over, started]).toEqual([[], started.map((_, index) => index + 1)]);
        const values = below.values.filter(({ status }) => status === 'fulfilled');
        const failures = below.values.filter(({ status }) => status === 'rejected');
        if (!script.some(({ kind }) => kind === 'leave')) {
          expect(below.ending).toBe(trial.sourceFailed ? 'error' : 'complete');
          expect([values.length, failures.length]).toEqual([trial.sent.length, trial.failures]);
          expect(started).toHaveLength(source.sent);
        }
        expect([source.badRequests, trial.alive()]).toEqual([[], []]);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('the options of mergeSettled', () => {
  obeysALimitThatChanges((project, options) => mergeSettled(project, options));

  it('refuse a key that is not known', () => {
    expect(() => mergeSettled(() => NEVER, { concurency: 4 } as object)).toThrow('did you mean "concurrency"?');
  });
});

function throwNow(error: Error): never {
  throw error;
}
