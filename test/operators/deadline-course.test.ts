import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { NetworkError } from '../../lib/core/errors.js';
import { probe } from '../../lib/testing/flow-probe.js';
import { deadline } from '../../operators/deadline.js';
import { fallbackTo } from '../../operators/fallback-to.js';
import { retryBackoff } from '../../operators/retry-backoff.js';
import { timeoutEach } from '../../operators/timeout-each.js';
import { timeoutIdle } from '../../operators/timeout-idle.js';
import { HandClock, Steered } from '../support/steered.js';

const lost = new NetworkError('connection reset', 'receive');
const TOTAL_MS = 100;

/** One run of everything that is timed, over sources that do what the course says. */
function setUp(clock: HandClock) {
  const [source, spare] = [new Steered<number>(), new Steered<number>()];
  const flow = source.flow.via(
    timeoutEach({ attemptMs: 20, clock }),
    retryBackoff({ attempts: 3, backoff: () => 5, clock }),
    fallbackTo(spare.flow, { clock }),
    timeoutIdle({ idleMs: 40, clock }),
    deadline({ totalMs: TOTAL_MS, clock }),
  );
  return { flow, runs: () => [...source.runs, ...spare.runs] };
}

describe('any course of timed operators around each other', () => {
  it('ends once and in time, sends no more than asked for, and leaves nothing behind', () => {
    const steps = fc.array(fc.constantFrom('send', 'fail', 'end', 'ask', 'pass', 'pass', 'wait', 'leave'), {
      maxLength: 40,
    });
    const endings = new Map<string, number>();
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 3 }), (course, first) => {
        const clock = new HandClock();
        const { flow, runs } = setUp(clock);
        let [wanted, passed, hasLeft] = [first, 0, false];
        const below = probe(flow, first);
        const over = new Set<object>();
        const pass = (ms: number) => {
          clock.pass(ms);
          passed += ms;
        };
        for (const step of course) {
          const run = runs().at(-1)!;
          const isOpen = !run.cancelled && !over.has(run);
          if (step === 'send' && isOpen && run.asked.reduce((sum, n) => sum + n, 0) > 0) {
            run.asked.push(-1);
            run.to.onNext(1);
          }
          if ((step === 'fail' || step === 'end') && isOpen) {
            over.add(run);
            if (step === 'fail') run.to.onError(lost);
            else run.to.onComplete();
          }
          if (step === 'ask') below.request((wanted++, 1));
          if (step === 'pass') pass(3);
          if (step === 'wait') pass(15);
          hasLeft ||= step === 'leave';
          if (step === 'leave') below.cancel();
          if (passed >= TOTAL_MS && !hasLeft) expect(below.ending).toBeDefined();
          expect(below.values.length).toBeLessThanOrEqual(wanted);
        }
        if (below.ending === undefined) below.cancel();
        const end = below.ending ?? 'left';
        endings.set(end, (endings.get(end) ?? 0) + 1);
        expect(below.calls.filter((call) => /Error|Complete/.test(call)).length).toBeLessThanOrEqual(1);
        expect(runs().filter((run) => !run.cancelled && !over.has(run))).toEqual([]);
        expect(clock.timers).toBe(0);
      }),
      { numRuns: 5_000 },
    );
    // All ways to end were tried.
    expect(Math.min(...['complete', 'error', 'left'].map((end) => endings.get(end) ?? 0))).toBeGreaterThan(100);
  });
});
