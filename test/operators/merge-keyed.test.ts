import { setImmediate as turn } from 'node:timers/promises';

import fc from 'fast-check';
import { EMPTY, NEVER, of, range, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { ConfigError } from '../../lib/core/errors.js';
import { fromIterable } from '../../lib/core/from-iterable.js';
import { probe } from '../../lib/testing/flow-probe.js';
import { obeysTheOperatorLaws } from '../../lib/testing/laws.js';
import { operatorObeysTheFlowRules } from '../../lib/testing/operator-rules.js';
import { Upstream } from '../../lib/testing/upstream.js';
import { mergeKeyed } from '../../operators/merge-keyed.js';
import { gc } from '../support/gc.js';
import { obeysALimitThatChanges } from '../support/limit-rules.js';
import { marble } from '../support/marble.js';
import { MergeScript, type Sent, steps } from '../support/merge-script.js';

const lost = new Error('lost');
const self = (value: unknown) => value;
const third = (n: number) => n % 3;

describe('mergeKeyed', () => {
  obeysTheOperatorLaws(() => mergeKeyed((n) => of(n, -n), third), { it, expect });

  describe('of promises, in a Flow', () => {
    const make = () => mergeKeyed(async (n: number) => n * 2, third, { concurrency: 4, lookAhead: 5 });
    operatorObeysTheFlowRules(make, { it, expect, gc, bound: 9 });
  });

  describe('of streams of one key, in a Flow', () => {
    const make = () =>
      mergeKeyed(
        (n: number) => fromIterable([n, -n]),
        () => 1,
        { concurrency: 2, lookAhead: 1 },
      );
    operatorObeysTheFlowRules(make, { it, expect, gc, bound: 3 });
  });

  marble('runs calls of the same key one after the other, and others beside them', (t) => {
    const source = t.cold('  abc---d|      ', { a: 'x1', b: 'x2', c: 'y1', d: 'y2' });
    const x1 = t.cold('      ----1|        ');
    const x2 = t.cold('           --2|     ');
    const y1 = t.cold('        -3|         ');
    const y2 = t.cold('            --4|    ');
    const expected = '       ---31--24|    ';

    const calls = new Map(Object.entries({ x1, x2, y1, y2 }));
    t.expectObservable(
      source.pipe(
        mergeKeyed(
          (name) => calls.get(name)!,
          (name) => name[0],
        ),
      ),
    ).toBe(expected);
    t.expectSubscriptions(x1.subscriptions).toBe('^----!');
    t.expectSubscriptions(x2.subscriptions).toBe('-----^--!');
    t.expectSubscriptions(y1.subscriptions).toBe('--^-!');
    t.expectSubscriptions(y2.subscriptions).toBe('------^--!');
  });

  marble('serves keys in turn when places are few', (t) => {
    const source = t.cold('  (abcd|)', { a: 'x1', b: 'x2', c: 'x3', d: 'y1' });
    const call = t.cold('    -|     ');
    const order: string[] = [];
    const project = (name: string) => (order.push(name), call);

    t.expectObservable(source.pipe(mergeKeyed(project, (name) => name[0], { concurrency: 1 }))).toBe('----|');
    t.flush();
    expect(order).toEqual(['x1', 'y1', 'x2', 'x3']);
  });

  marble('passes the first error on and cancels the rest, what waits for its key too', (t) => {
    const source = t.cold('  (ab)--c ', { a: 'x1', b: 'x2', c: 'y1' });
    const call = t.cold('    -1-#    ', undefined, lost);

    t.expectObservable(
      source.pipe(
        mergeKeyed(
          () => call,
          (name) => name[0],
        ),
      ),
    ).toBe('-1-#', undefined, lost);
    t.expectSubscriptions(call.subscriptions).toBe('^--!');
    t.expectSubscriptions(source.subscriptions).toBe('^--!');
  });

  marble('passes on what keyOf throws, and cancels the rest', (t) => {
    const source = t.cold('  a-b--   ');
    const call = t.cold('    -1---   ');
    const keyOf = (name: string) => (name === 'b' ? throwNow(lost) : name);

    t.expectObservable(source.pipe(mergeKeyed(() => call, keyOf))).toBe('-1#', undefined, lost);
    t.expectSubscriptions(call.subscriptions).toBe('^-!');
    t.expectSubscriptions(source.subscriptions).toBe('^-!');
  });

  marble('cancels the source and every call when the subscriber leaves', (t) => {
    const source = t.cold('  a-a-b---');
    const call = t.cold('    -1------');

    t.expectObservable(source.pipe(mergeKeyed(() => call, self)), '-----!').toBe('-1---');
    t.expectSubscriptions(source.subscriptions).toBe('^----!');
    t.expectSubscriptions(call.subscriptions).toBe(['^----!', '----^!']);
  });
});

describe('the demand of mergeKeyed', () => {
  it('looks ahead past a busy key, as far as it may', () => {
    const source = new Upstream();
    const started: number[] = [];
    const project = (n: number) => (started.push(n), NEVER);
    const keyOf = (n: number) => (n < 10 ? 'busy' : n);
    probe(source.flow.via(mergeKeyed(project, keyOf, { concurrency: 2, lookAhead: 9 })), 1);
    expect(source.requested).toBe(11);
    while (source.answer());
    expect([started, source.requested]).toEqual([[1, 10], 11]);
  });

  it('asks for more as values get their turn', () => {
    const source = new Upstream();
    const call = new Subject<number>();
    const merge = mergeKeyed(
      (n: number) => (n === 1 ? call : EMPTY),
      () => 'one',
      { concurrency: 1, lookAhead: 3 },
    );
    probe(source.flow.via(merge), 1);
    while (source.answer());
    expect(source.requested).toBe(4);
    call.complete();
    expect(source.requested).toBe(8);
  });
});

describe('the keys of mergeKeyed', () => {
  it('are forgotten when they have nothing to do', async () => {
    const source = new Subject<object>();
    source.pipe(mergeKeyed(() => of(1), self)).subscribe();
    const keys = Array.from({ length: 100 }, () => {
      const key = {};
      source.next(key);
      return new WeakRef(key);
    });
    // The last one may still be in a register.
    source.next({});
    await turn();
    gc();
    expect(keys.filter((key) => key.deref())).toEqual([]);
  });

  it.each([
    ['a million values of one key', 1_000_000, () => 1],
    ['hundreds of thousands of keys', 200_000, self],
  ])('may be few or many: %s wait without piling up', (_what, count, keyOf) => {
    const first = new Subject<number>();
    let results = 0;
    range(0, count)
      .pipe(mergeKeyed((n) => (n === 0 ? first : of(n)), keyOf, { concurrency: 1, lookAhead: Infinity }))
      .subscribe(() => results++);
    first.complete();
    expect(results).toBe(count - 1);
  });
});

describe('mergeKeyed, whatever happens in whatever order', () => {
  it('never runs two calls of a key, keeps the order of each, loses nothing and leaves nothing alive', () => {
    fc.assert(
      fc.property(steps, fc.constantFrom(1, 4, Infinity), (script, lookAhead) => {
        const trial = new MergeScript<Sent>((project, concurrency) =>
          mergeKeyed(project, third, { concurrency, lookAhead }),
        );
        let overlaps = 0;
        trial.beforeStart = (input) => {
          if (trial.open.some((other) => third(other.input) === third(input))) overlaps++;
        };
        for (const step of script) trial.play(step);
        trial.finish();
        const { below, over, source, started } = trial;
        expect([over, overlaps]).toEqual([[], 0]);
        for (const key of [0, 1, 2]) {
          const ofKey = started.filter((input) => third(input) === key);
          expect(ofKey).toEqual(ofKey.toSorted((a, b) => a - b));
        }
        if (!script.some(({ kind }) => kind === 'leave')) expect(below.ending).toBeDefined();
        if (below.ending === 'complete') {
          expect([below.values.length, started.length]).toEqual([trial.sent.length, source.sent]);
        }
        expect(started.length).toBeLessThanOrEqual(trial.startedBeforeFailure);
        expect([source.badRequests, trial.alive()]).toEqual([[], []]);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('the options of mergeKeyed', () => {
  obeysALimitThatChanges((project, options) => mergeKeyed(project, self, { ...options, lookAhead: 10 }), 10);

  it.each([0, -1, 2.5, NaN])('refuse a lookAhead of %o', (lookAhead) => {
    expect(() => mergeKeyed(() => NEVER, self, { lookAhead })).toThrow(ConfigError);
    expect(() => mergeKeyed(() => NEVER, self, { lookAhead })).toThrow(
      'mergeKeyed.lookAhead: must be a positive whole',
    );
  });

  it('refuse a key that is not known', () => {
    expect(() => mergeKeyed(() => NEVER, self, { lookahed: 4 } as object)).toThrow('did you mean "lookAhead"?');
  });
});

function throwNow(error: Error): never {
  throw error;
}
