import fc from 'fast-check';
import { BehaviorSubject, NEVER, of, range, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { fromIterable } from '../../lib/core/from-iterable.js';
import { probe } from '../../lib/testing/flow-probe.js';
import { obeysTheOperatorLaws } from '../../lib/testing/laws.js';
import { operatorObeysTheFlowRules } from '../../lib/testing/operator-rules.js';
import { Upstream } from '../../lib/testing/upstream.js';
import { latestMap } from '../../operators/latest-map.js';
import { gc } from '../support/gc.js';
import { marble } from '../support/marble.js';
import { MergeScript, type Sent, steps } from '../support/merge-script.js';

const lost = new Error('lost');

describe('latestMap', () => {
  obeysTheOperatorLaws(() => latestMap((n) => of(n, -n)), { it, expect });

  describe('of promises, in a Flow', () => {
    // Of more values that come at once, only the first and the last count.
    const make = () => latestMap(async (n: number) => n * 2);
    operatorObeysTheFlowRules(make, { it, expect, gc, bound: Infinity, most: 2 });
  });

  marble('runs one call to its end, then one for the newest value that came meanwhile', (t) => {
    const source = t.cold('  abc-----d-|   ', { a: 'a', b: 'b', c: 'c', d: 'd' });
    const call = t.cold('    --1-2|        ');
    const expected = '       --1-2--1-2--1-2|';

    const started: string[] = [];
    const project = (name: string) => (started.push(name), call);
    t.expectObservable(source.pipe(latestMap(project))).toBe(expected);
    t.expectSubscriptions(source.subscriptions).toBe('^---------!');
    t.expectSubscriptions(call.subscriptions).toBe(['^----!', '-----^----!', '----------^----!']);
    t.flush();
    expect(started).toEqual(['a', 'c', 'd']);
  });

  marble('does not lose the value that waits when the source completes', (t) => {
    const source = t.cold('  (ab|)  ');
    const call = t.cold('    --1|   ');

    t.expectObservable(source.pipe(latestMap(() => call))).toBe('--1--1|');
    t.expectSubscriptions(call.subscriptions).toBe(['^--!', '---^--!']);
  });

  marble('passes an error of the call on, and drops what waits', (t) => {
    const source = t.cold('  ab----- ');
    const call = t.cold('    -1-#    ', undefined, lost);

    t.expectObservable(source.pipe(latestMap(() => call))).toBe('-1-#', undefined, lost);
    t.expectSubscriptions(source.subscriptions).toBe('^--!');
    t.expectSubscriptions(call.subscriptions).toBe('^--!');
  });

  marble('passes an error of the source on, and cancels the call', (t) => {
    const source = t.cold('  ab-#    ', undefined, lost);
    const call = t.cold('    -1----  ');

    t.expectObservable(source.pipe(latestMap(() => call))).toBe('-1-#', undefined, lost);
    t.expectSubscriptions(call.subscriptions).toBe('^--!');
  });

  marble('cancels the source and the call when the subscriber leaves', (t) => {
    const source = t.cold('  ab------');
    const call = t.cold('    --1--2--');

    t.expectObservable(source.pipe(latestMap(() => call)), '----!').toBe('--1--');
    t.expectSubscriptions(source.subscriptions).toBe('^---!');
    t.expectSubscriptions(call.subscriptions).toBe('^---!');
  });

  it('asks for nothing before something is asked of it, then for all', () => {
    const source = new Upstream();
    const below = probe(source.flow.via(latestMap(() => NEVER)));
    expect(source.requested).toBe(0);
    below.request(1);
    expect(source.requested).toBe(Infinity);
    below.cancel();
  });

  it('starts the next call when the results of the one before have left', () => {
    const source = new Upstream();
    const started: number[] = [];
    const below = probe(source.flow.via(latestMap((n: number) => (started.push(n), [n, n]))), 1);
    for (let n = 0; n < 3; n++) source.send();
    expect([started, below.values]).toEqual([[1], [1]]);
    below.request(1);
    expect([started, below.values]).toEqual([
      [1, 3],
      [1, 1],
    ]);
  });

  it('takes a million values while one call runs, and keeps one', () => {
    const first = new Subject<number>();
    const started: number[] = [];
    range(0, 1_000_000)
      .pipe(latestMap((n) => (started.push(n), n === 0 ? first : of(n))))
      .subscribe();
    first.complete();
    expect(started).toEqual([0, 999_999]);
  });

  it('takes a value that a result sends the source', () => {
    const source = new BehaviorSubject(1);
    const results: number[] = [];
    source.pipe(latestMap((n) => [n, n * 10])).subscribe((n) => {
      results.push(n);
      if (n < 3) source.next(n + 1);
    });
    expect(results).toEqual([1, 10, 2, 20, 3, 30]);
  });

  it('stops an endless call', () => {
    const below = probe(fromIterable([1]).via(latestMap(() => fromIterable(endless()))), 3);
    expect(below.values).toEqual([1, 2, 3]);
    below.cancel();
  });
});

describe('latestMap, whatever happens in whatever order', () => {
  it('never runs two calls, ends with the newest value and leaves nothing alive', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const trial = new MergeScript<Sent>((project) => latestMap(project));
        let most = 0;
        trial.beforeStart = () => (most = Math.max(most, trial.open.length));
        // There is no limit to change here.
        for (const step of script) if (step.kind !== 'limit') trial.play(step);
        trial.finish();
        const { below, source, started } = trial;
        expect([most, started]).toEqual([0, started.toSorted((a, b) => a - b)]);
        if (!script.some(({ kind }) => kind === 'leave')) expect(below.ending).toBeDefined();
        if (below.ending === 'complete' && source.sent > 0) {
          expect([below.values.length, started.at(-1)]).toEqual([trial.sent.length, source.sent]);
        }
        expect([source.badRequests, trial.alive()]).toEqual([[], []]);
      }),
      { numRuns: 2_000 },
    );
  });
});

function* endless(): Generator<number> {
  for (let n = 1; ; n++) yield n;
}
