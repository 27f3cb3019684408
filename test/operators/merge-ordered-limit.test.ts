import fc from 'fast-check';
import { BehaviorSubject, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { probe } from '../../lib/testing/flow-probe.js';
import { Upstream } from '../../lib/testing/upstream.js';
import { mergeOrdered } from '../../operators/merge-ordered.js';
import { obeysALimitThatChanges } from '../support/limit-rules.js';
import { MergeScript, type Sent, steps } from '../support/merge-script.js';

describe('mergeOrdered with a concurrency that changes', () => {
  obeysALimitThatChanges((project, options) => mergeOrdered(project, options));

  it('starts nothing that came late behind a failure', () => {
    const concurrency = new BehaviorSubject(4);
    const source = new Upstream();
    const calls: Subject<number>[] = [];
    probe(source.flow.via(mergeOrdered(() => calls[calls.push(new Subject()) - 1]!, { concurrency })), Infinity);
    for (const n of [4, 4, 2, 2]) {
      concurrency.next(n);
      source.send();
    }
    calls[1]!.error(new Error('lost'));
    concurrency.next(4);
    expect(calls).toHaveLength(2);
  });

  it('passes an error of the source on behind what came late', () => {
    const lost = new Error('lost');
    const concurrency = new BehaviorSubject(2);
    const source = new Upstream();
    const calls: Subject<number>[] = [];
    const merge = mergeOrdered(() => calls[calls.push(new Subject()) - 1]!, { concurrency });
    const below = probe(source.flow.via(merge), Infinity);
    source.send();
    concurrency.next(1);
    source.send();
    source.fail(lost);
    calls[0]!.complete();
    expect([calls.length, below.ending]).toEqual([2, undefined]);
    calls[1]!.next(2);
    calls[1]!.complete();
    expect([below.values, below.error]).toEqual([[2], lost]);
  });

  it('starts no more than it may, keeps the order and leaves nothing alive, whatever happens in whatever order', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const trial = new MergeScript<Sent>((project, concurrency) => mergeOrdered(project, { concurrency }));
        for (const step of script) trial.play(step);
        trial.finish();
        const { below, over, source, started } = trial;
        expect([over, started]).toEqual([[], started.map((_, index) => index + 1)]);
        const inOrder = below.values.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);
        expect(below.values).toEqual(inOrder);
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
