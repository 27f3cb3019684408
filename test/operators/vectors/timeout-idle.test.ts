import { describe, expect } from 'vitest';

import { TimeoutError } from '../../../lib/core/errors.js';
import { deadline } from '../../../operators/deadline.js';
import { timeoutEach } from '../../../operators/timeout-each.js';
import { timeoutIdle } from '../../../operators/timeout-idle.js';
import type { FlowOperator } from '../../../lib/core/flow.js';
import type { VirtualTime } from '../../../lib/testing/virtual-time.js';
import { marble } from '../../support/marble.js';

interface Vector {
  readonly title: string;
  readonly source: string;
  readonly ends: string;
  readonly result: string;
  readonly leave?: string;
}

function limits(make: (t: VirtualTime) => FlowOperator<string, string>, vectors: readonly Vector[]): void {
  for (const { title, source, ends, result, leave } of vectors) {
    marble(title, (t) => {
      const source$ = t.cold(source);
      t.expectObservable(source$.pipe(make(t)), leave).toBe(result, undefined, expect.any(TimeoutError));
      t.expectSubscriptions(source$.subscriptions).toBe(ends);
    });
  }
}

// RxJS 7, spec/operators/timeout-spec.ts: `each` is timeoutIdle, `first` is timeoutEach, and a Date for the first value is
// deadline only where the source has one value: it bounds the whole source.
describe('diagrams of timeout for timeoutIdle', () => {
  limits(
    ({ clock }) => timeoutIdle({ idleMs: 5, clock }),
    [
      { title: 'the first value takes too long', source: '-------a--b--|', ends: '^----!', result: '-----#' },
      {
        title: 'values in time',
        source: '--a--b--c--d--e--|',
        ends: '^----------------!',
        result: '--a--b--c--d--e--|',
      },
      {
        title: 'leaving',
        source: '--a--b--c---d--e--|',
        ends: '^---------!',
        result: '--a--b--c--',
        leave: '----------!',
      },
      { title: 'a gap', source: '---a---b---c------d---e---|', ends: '^---------------!', result: '---a---b---c----#' },
    ],
  );
});

describe('diagrams of timeout for timeoutEach', () => {
  limits(
    ({ clock }) => timeoutEach({ attemptMs: 10, clock }),
    [
      { title: 'no first value', source: '-', ends: '^---------!', result: '----------#' },
      {
        title: 'long delays after the first value',
        source: '---a-----------------------b---|',
        ends: '^------------------------------!',
        result: '---a-----------------------b---|',
      },
    ],
  );
});

describe('diagrams of timeout for deadline', () => {
  limits(
    ({ clock }) => deadline({ at: clock.now() + 10, clock }),
    [
      { title: 'a moment, and no value', source: '-', ends: '^---------!', result: '----------#' },
      { title: 'complete before that moment', source: '--a--b--|', ends: '^-------!', result: '--a--b--|' },
      // There the first value is enough.
      { title: 'a value, but no end', source: '---a----------b--|', ends: '^---------!', result: '---a------#' },
    ],
  );
});
