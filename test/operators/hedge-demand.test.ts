import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Demand, FlowSubscriber } from '../../lib/core/demand.js';
import { NetworkError } from '../../lib/core/errors.js';
import { Flow } from '../../lib/core/flow.js';
import { createBudget } from '../../lib/core/budget.js';
import { createHedge } from '../../lib/core/policy/hedge.js';
import type { HedgeOptions } from '../../lib/core/policy/hedge-types.js';
import { PROGRESS } from '../../lib/core/progress.js';
import { probe } from '../../lib/testing/flow-probe.js';
import { hedge } from '../../operators/hedge.js';
import { handClock } from '../support/hand-clock.js';

const lost = new NetworkError('connection reset', 'receive');
const progress = { [PROGRESS]: true };

interface Attempt {
  readonly to: FlowSubscriber<unknown>;
  requested: number;
  sent: number;
  state: 'runs' | 'ended' | 'cancelled';
}

/** Attempts that do what the test says, in a call that is hedged after 5 ms. */
function steered(options: HedgeOptions = {}) {
  const clock = handClock();
  const shared = createHedge({ clock, delayMs: 5, ...options });
  const attempts: Attempt[] = [];
  const source = new Flow<unknown>({
    subscribe(to) {
      const attempt: Attempt = { to, requested: 0, sent: 0, state: 'runs' };
      attempts.push(attempt);
      const demand: Demand = {
        request: (n) => (attempt.requested += n),
        cancel: () => (attempt.state = attempt.state === 'runs' ? 'cancelled' : attempt.state),
      };
      to.onSubscribe(demand);
    },
  });
  const send = (attempt: Attempt, value: unknown) => {
    if (attempt.state !== 'runs' || attempt.sent >= attempt.requested) return false;
    attempt.sent++;
    attempt.to.onNext(value);
    return true;
  };
  return { clock, shared, attempts, send, flow: source.via(hedge(shared)) };
}

describe('hedge in a Flow', () => {
  it('asks the first attempt for all that is wanted, a hedge for its first value', () => {
    const { clock, attempts, send, flow } = steered();
    const below = probe(flow, 5);
    clock.pass(5);
    expect(attempts.map(({ requested }) => requested)).toEqual([5, 1]);
    send(attempts[1]!, 'value');
    expect([attempts[0]!.state, attempts[1]!.requested, below.values]).toEqual(['cancelled', 5, ['value']]);
    below.request(2);
    expect(attempts[1]!.requested).toBe(7);
  });

  it('is not late while nothing is asked of it', () => {
    const { clock, attempts, flow } = steered();
    const below = probe(flow);
    clock.pass(60_000);
    expect([attempts.length, clock.pending]).toEqual([1, 0]);
    below.request(1);
    clock.pass(5);
    expect(attempts.length).toBe(2);
    below.cancel();
    expect([attempts.map(({ state }) => state), clock.pending]).toEqual([['cancelled', 'cancelled'], 0]);
  });

  it('keeps the value of a hedge until it is asked for, when progress has used the demand up', () => {
    const { clock, attempts, send, flow } = steered();
    const below = probe(flow, 1);
    clock.pass(5);
    send(attempts[0]!, progress);
    send(attempts[1]!, 'value');
    attempts[1]!.state = 'ended';
    attempts[1]!.to.onComplete();
    expect([below.values, below.ending]).toEqual([[progress], undefined]);
    below.request(1);
    expect([below.values, below.ending]).toEqual([[progress, 'value'], 'complete']);
  });

  it('fails on a bad request, and cancels all attempts', () => {
    const { clock, attempts, flow } = steered();
    const below = probe(flow, 1);
    clock.pass(5);
    below.request(0);
    expect(below.error).toBeInstanceOf(RangeError);
    expect(attempts.map(({ state }) => state)).toEqual(['cancelled', 'cancelled']);
  });

  it('ignores what an attempt sends that does not stop', () => {
    const { clock, attempts, send, flow } = steered();
    const below = probe(flow, 3);
    clock.pass(5);
    const loser = attempts[1]!;
    send(attempts[0]!, 'value');
    loser.to.onNext('late');
    loser.to.onError(lost);
    loser.to.onComplete();
    expect([below.values, below.ending]).toEqual([['value'], undefined]);
  });

  it('passes many values of the winner one by one, without piling up on the stack', () => {
    const { attempts, send, flow } = steered();
    const below = probe(flow, 1, (one) => one.request(1));
    for (let n = 0; n < 100_000; n++) send(attempts[0]!, n);
    expect([below.values.length, below.deepest, attempts.length]).toEqual([100_000, 1, 1]);
  });
});

describe('hedged calls under any interleaving', () => {
  it('end once, send no more than was asked, and leave nothing alive; hedges never exceed the budgets', () => {
    const step = fc.tuple(
      fc.constantFrom('next', 'progress', 'complete', 'fail', 'die', 'request', 'cancel', 'pass', 'configure'),
      fc.nat(20),
    );
    const options = fc.record({ maxHedges: fc.integer({ min: 1, max: 3 }), share: fc.constantFrom(0, 0.05, 1) });
    const run = (steps: [string, number][], given: HedgeOptions, asked: number, capacity: number) => {
      const budget = createBudget({ capacity });
      const { clock, shared, attempts, send, flow } = steered({ ...given, budget });
      const below = probe(flow, asked);
      let wanted = asked;
      for (const [what, n] of steps) {
        const one = attempts[n % attempts.length]!;
        if (what === 'next') send(one, n);
        else if (what === 'progress') send(one, progress);
        else if (what === 'pass') clock.pass(n);
        else if (what === 'configure') shared.configure({ maxHedges: 1 + (n % 3), delayMs: n });
        else if (what === 'cancel') below.cancel();
        else if (what === 'request') {
          wanted += 1;
          below.request(1);
        } else if (one.state === 'runs') {
          one.state = 'ended';
          if (what === 'complete') one.to.onComplete();
          else one.to.onError(what === 'fail' ? lost : new Error('foreign'));
        }
        const values = below.values.filter((value) => value !== progress);
        expect(below.values.length).toBeLessThanOrEqual(wanted);
        expect(below.calls.filter((call) => call === 'onError' || call === 'onComplete').length).toBeLessThan(2);
        if (values.length > 0) expect(attempts.filter(({ state }) => state === 'runs').length).toBeLessThanOrEqual(1);
        expect(attempts.length - 1).toBeLessThanOrEqual(Math.min(3, capacity, shared.state.hedges));
        expect(shared.state.hedges).toBe(budget.state.taken);
      }
      below.cancel();
      expect([attempts.filter(({ state }) => state === 'runs').length, clock.pending]).toEqual([0, 0]);
    };
    fc.assert(fc.property(fc.array(step, { maxLength: 40 }), options, fc.nat(3), fc.nat(3), run), { numRuns: 5_000 });
  });
});
