import { type Observable, of, range, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';

import type { FlowOperator } from '../../lib/core/flow.js';
import { mergeBounded } from '../../operators/merge-bounded.js';
import { mergeKeyed } from '../../operators/merge-keyed.js';
import { mergeOrdered } from '../../operators/merge-ordered.js';
import { mergePriority } from '../../operators/merge-priority.js';
import { stepCounter } from '../support/steps.js';

type Merge = (project: (n: number) => Observable<number>, concurrency: number) => FlowOperator<number, unknown>;

const lookAhead = Infinity;
const merges: Record<string, Merge> = {
  mergeBounded: (project, concurrency) => mergeBounded(project, { concurrency }),
  mergeOrdered: (project, concurrency) => mergeOrdered(project, { concurrency }),
  'mergeKeyed with one key': (project, concurrency) => mergeKeyed(project, () => 1, { concurrency, lookAhead }),
  'mergeKeyed with many keys': (project, concurrency) => mergeKeyed(project, (n) => n, { concurrency, lookAhead }),
  mergePriority: (project, concurrency) => mergePriority(project, (n) => n % 4, { concurrency, lookAhead }),
  'mergePriority with many keys': (project, concurrency) =>
    mergePriority(project, (n) => n % 4, { concurrency, lookAhead, keyOf: (n) => n, costOf: (n) => 1 + (n % 9) }),
};

/** The first call holds all others up until it ends. */
function wait(merge: Merge, count: number): void {
  const first = new Subject<number>();
  const project = (n: number): Observable<number> => (n === 0 ? first : of(n));
  range(0, count).pipe(merge(project, 1)).subscribe();
  first.complete();
}

/** All calls that may run are open at once, then end one by one: a prime's multiples visit them in a wild order. */
function open(merge: Merge, count: number): void {
  const calls = Array.from({ length: count }, () => new Subject<number>());
  range(0, count)
    .pipe(merge((n) => calls[n]!, Infinity))
    .subscribe();
  for (let n = 0; n < count; n++) calls[(n * 7_919) % count]!.complete();
}

const stepsOf = stepCounter(/\/lib\/core\/(merge\/|ring|slots|ordered-merge|outlet|waiting)/);

// Blocks of code that ran, not time: 16 times the values cost 16 times the steps, and would cost 256 in a linear search.
describe.each(Object.entries(merges))('the work of %s', (_name, merge) => {
  it.each([
    ['waits', wait],
    ['is open at once', open],
  ])('grows no faster than what %s', (_what, load) => {
    const [few, many] = [500, 8_000].map((count) => stepsOf(() => load(merge, count)));
    expect(few).toBeGreaterThan(500);
    expect(many! / few!).toBeLessThan(20);
  });
});
