import fc from 'fast-check';
import { NEVER, of } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { ConfigError } from '../../lib/core/errors.js';
import { fromIterable } from '../../lib/core/from-iterable.js';
import { probe } from '../../lib/testing/flow-probe.js';
import { obeysTheOperatorLaws } from '../../lib/testing/laws.js';
import { operatorObeysTheFlowRules } from '../../lib/testing/operator-rules.js';
import { Upstream } from '../../lib/testing/upstream.js';
import { mergePriority } from '../../operators/merge-priority.js';
import { gc } from '../support/gc.js';
import { obeysALimitThatChanges } from '../support/limit-rules.js';
import { marble } from '../support/marble.js';
import { MergeScript, type Sent, steps } from '../support/merge-script.js';

const lost = new Error('lost');
const fourth = (n: number) => n % 4;

describe('mergePriority', () => {
  obeysTheOperatorLaws(() => mergePriority((n) => of(n, -n), fourth), { it, expect });

  describe('of promises, in a Flow', () => {
    const make = () => mergePriority(async (n: number) => n * 2, fourth, { concurrency: 4, lookAhead: 5 });
    operatorObeysTheFlowRules(make, { it, expect, gc, bound: 9 });
  });

  describe('of streams, in a Flow', () => {
    const call = (n: number) => fromIterable([n]);
    const make = () => mergePriority(call, fourth, { concurrency: 2, lookAhead: 1, keyOf: (n) => n % 3 });
    operatorObeysTheFlowRules(make, { it, expect, gc, bound: 3 });
  });

  marble('starts the most urgent of those that wait, and the oldest of those', (t) => {
    const source = t.cold('  (abcde|)   ', { a: 'a3', b: 'b2', c: 'c1', d: 'd0', e: 'e1' });
    const call = t.cold('    --|        ');
    const order: string[] = [];
    const project = (name: string) => (order.push(name), call);

    const merged = source.pipe(mergePriority(project, (name) => Number(name[1]), { concurrency: 1 }));
    t.expectObservable(merged).toBe('----------|');
    t.expectSubscriptions(call.subscriptions).toBe(['^-!', '--^-!', '----^-!', '------^-!', '--------^-!']);
    t.flush();
    expect(order).toEqual(['a3', 'd0', 'c1', 'e1', 'b2']);
  });

  marble('runs calls side by side, does not interrupt one, and sends results as they come', (t) => {
    const source = t.cold('  (ab)-c|     ', { a: 'a3', b: 'b3', c: 'c0' });
    const a = t.cold('       -----1|     ');
    const b = t.cold('       ------2|    ');
    const c = t.cold('             ---3| ');
    const expected = '       -----12--3| ';

    const calls = new Map(Object.entries({ a3: a, b3: b, c0: c }));
    const merged = source.pipe(
      mergePriority(
        (name) => calls.get(name)!,
        (name) => Number(name[1]),
        { concurrency: 2 },
      ),
    );
    t.expectObservable(merged).toBe(expected);
    t.expectSubscriptions(a.subscriptions).toBe('^-----! ');
    t.expectSubscriptions(b.subscriptions).toBe('^------!');
    t.expectSubscriptions(c.subscriptions).toBe('------^---!');
  });

  marble('passes the first error on and cancels the rest, what waits too', (t) => {
    const source = t.cold('  (ab)--c ');
    const call = t.cold('    -1-#    ', undefined, lost);

    t.expectObservable(
      source.pipe(
        mergePriority(
          () => call,
          () => 1,
          { concurrency: 1 },
        ),
      ),
    ).toBe('-1-#', undefined, lost);
    t.expectSubscriptions(call.subscriptions).toBe('^--!');
    t.expectSubscriptions(source.subscriptions).toBe('^--!');
  });

  marble('cancels the source and every call when the subscriber leaves', (t) => {
    const source = t.cold('  a-a-a---');
    const call = t.cold('    -1------');

    t.expectObservable(
      source.pipe(
        mergePriority(
          () => call,
          () => 0,
          { concurrency: 2 },
        ),
      ),
      '-----!',
    ).toBe('-1-1-');
    t.expectSubscriptions(source.subscriptions).toBe('^----!');
    t.expectSubscriptions(call.subscriptions).toBe(['^----!', '--^--!']);
  });

  it('sorts as many values as it may take in', () => {
    const source = new Upstream();
    const merge = mergePriority(() => NEVER, fourth, { concurrency: 2, lookAhead: 9 });
    probe(source.flow.via(merge), 1);
    expect(source.requested).toBe(11);
  });
});

describe('mergePriority, whatever happens in whatever order', () => {
  it('loses nothing and leaves nothing alive', () => {
    fc.assert(
      fc.property(steps, fc.constantFrom(1, 4, Infinity), (script, lookAhead) => {
        const keyOf = (n: number) => n % 3;
        const trial = new MergeScript<Sent>((project, concurrency) =>
          mergePriority(project, fourth, { concurrency, lookAhead, keyOf, costOf: (n) => 1 + (n % 5) }),
        );
        for (const step of script) trial.play(step);
        trial.finish();
        const { below, over, source, started } = trial;
        expect(over).toEqual([]);
        if (!script.some(({ kind }) => kind === 'leave')) expect(below.ending).toBeDefined();
        if (below.ending === 'complete') {
          expect([below.values.length, started.length]).toEqual([trial.sent.length, source.sent]);
          expect(started.toSorted((a, b) => a - b)).toEqual(started.map((_, index) => index + 1));
        }
        expect(started.length).toBeLessThanOrEqual(trial.startedBeforeFailure);
        expect([source.badRequests, trial.alive()]).toEqual([[], []]);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('the options of mergePriority', () => {
  obeysALimitThatChanges((project, options) => mergePriority(project, () => 0, { ...options, lookAhead: 10 }), 10);

  it.each([
    ['classes', 0, 'must be a whole number from 1 to 64, not 0'],
    ['classes', 65, 'must be a whole number from 1 to 64, not 65'],
    ['ageing', 0, 'must be a positive whole number or Infinity, not 0'],
    ['lookAhead', 2.5, 'must be a positive whole number or Infinity, not 2.5'],
    ['costOf', () => 1, 'has no effect without keyOf: say who the values belong to'],
  ])('refuse %s: %o', (name, value, message) => {
    expect(() => mergePriority(() => NEVER, fourth, { [name]: value })).toThrow(`mergePriority.${name}: ${message}`);
  });

  it('refuse a key that is not known', () => {
    expect(() => mergePriority(() => NEVER, fourth, { key: 4 } as object)).toThrow('did you mean "keyOf"?');
  });

  it.each([-1, 4, 0.5, NaN, undefined])('end the stream when priorityOf answers with %o', (priority) => {
    const errors: unknown[] = [];
    const merge = mergePriority(
      () => NEVER,
      () => priority as number,
    );
    of(1)
      .pipe(merge)
      .subscribe({ error: (error: unknown) => errors.push(error) });
    expect(errors).toEqual([expect.any(ConfigError)]);
    expect(String(errors[0])).toContain(`priorityOf: must answer with a whole number from 0 to 3, not ${priority}`);
  });

  it.each([0, -1, Infinity, NaN])('end the stream when costOf answers with %o', (cost) => {
    const errors: unknown[] = [];
    const merge = mergePriority(() => NEVER, fourth, { keyOf: fourth, costOf: () => cost });
    of(1)
      .pipe(merge)
      .subscribe({ error: (error: unknown) => errors.push(error) });
    expect(String(errors[0])).toContain(`mergePriority.costOf: must answer with a number above 0, not ${cost}`);
  });

  it.each(['priorityOf', 'keyOf', 'costOf'])('pass on what %s throws', (name) => {
    const fail = (): never => {
      throw lost;
    };
    const { priorityOf, ...options } = { priorityOf: fourth, keyOf: fourth, costOf: () => 1, [name]: fail };
    const errors: unknown[] = [];
    of(1)
      .pipe(mergePriority(() => NEVER, priorityOf, options))
      .subscribe({ error: (error: unknown) => errors.push(error) });
    expect(errors).toEqual([lost]);
  });
});
