import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Demand, FlowSubscriber } from '../../lib/core/demand.js';
import { AbortError, NetworkError } from '../../lib/core/errors.js';
import { Flow } from '../../lib/core/flow.js';
import { guard } from '../../lib/core/policy/guarded-run.js';
import { PROGRESS } from '../../lib/core/progress.js';
import { type Probe, probe } from '../../lib/testing/flow-probe.js';
import { CountingGate } from '../support/gate.js';

/** What a run's source does by itself, at once, when it is subscribed; and what its subscriber does on a value. */
type Nature = 'waits' | 'completes' | 'fails' | 'sends' | 'is left on a value' | 'starts another on a value';
type Step =
  | { readonly do: 'start'; readonly nature: Nature; readonly asked: number }
  | { readonly do: 'next' | 'progress' | 'complete' | 'fail' | 'abort' | 'request' | 'cancel'; readonly run: number }
  | { readonly do: 'limit'; readonly to: number };

interface Run {
  below: Probe | undefined;
  to: FlowSubscriber<unknown> | undefined;
  requested: number;
  alive: boolean;
}

/** Everything that can happen to runs that share a gate. */
class World {
  readonly gate = new CountingGate(2, 3);
  readonly runs: Run[] = [];

  start(nature: Nature, asked: number): void {
    const run: Run = { below: undefined, to: undefined, requested: 0, alive: false };
    this.runs.push(run);
    const demand: Demand = {
      request: (n) => {
        run.requested += n;
        if (nature === 'sends') this.next(run, 1);
      },
      cancel: () => (run.alive = false),
    };
    const source = new Flow<unknown>({
      subscribe: (to) => {
        run.to = to;
        run.alive = true;
        to.onSubscribe(demand);
        if (nature === 'completes') this.end(run, (one) => one.onComplete());
        if (nature === 'fails') this.end(run, (one) => one.onError(new NetworkError('lost', 'receive')));
      },
    });
    run.below = probe(source.via(guard(this.gate)), asked, (one) => {
      if (nature === 'is left on a value') one.cancel();
      if (nature === 'starts another on a value' && this.runs.length < 50) this.start('waits', 1);
    });
  }

  next(run: Run, value: unknown): void {
    if (!run.alive || run.requested < 1) return;
    run.requested--;
    run.to!.onNext(value);
  }

  end(run: Run, tell: (to: FlowSubscriber<unknown>) => void): void {
    if (!run.alive) return;
    run.alive = false;
    tell(run.to!);
  }

  take(step: Step): void {
    if (step.do === 'start') return this.start(step.nature, step.asked);
    if (step.do === 'limit') {
      this.gate.limit = step.to;
      return this.gate.handOver();
    }
    const run = this.runs[step.run % Math.max(1, this.runs.length)];
    if (!run) return;
    if (step.do === 'next') this.next(run, 1);
    if (step.do === 'progress') this.next(run, { [PROGRESS]: true });
    if (step.do === 'complete') this.end(run, (to) => to.onComplete());
    if (step.do === 'fail') this.end(run, (to) => to.onError(new Error('foreign')));
    if (step.do === 'abort') this.end(run, (to) => to.onError(new AbortError('enough')));
    if (step.do === 'request') run.below?.request(1);
    if (step.do === 'cancel') run.below?.cancel();
  }

  check(mostEver: number): void {
    const { entered, left, refused, abandoned, running, waiting } = this.gate;
    expect(left.length + refused + abandoned + running.size + waiting.length).toBe(entered);
    expect(running.size).toBe(this.runs.filter(({ alive }) => alive).length);
    expect(running.size).toBeLessThanOrEqual(mostEver);
    for (const { below } of this.runs) {
      expect(below!.calls.filter((call) => call === 'onComplete' || call === 'onError').length).toBeLessThan(2);
    }
  }
}

const natures: Nature[] = ['waits', 'completes', 'fails', 'sends', 'is left on a value', 'starts another on a value'];
const start = fc.record({
  do: fc.constant('start' as const),
  nature: fc.constantFrom(...natures),
  asked: fc.constantFrom(0, 1, 3, Infinity),
});
const act = fc.record({
  do: fc.constantFrom('next', 'progress', 'complete', 'fail', 'abort', 'request', 'cancel'),
  run: fc.nat(30),
});
const limit = fc.record({ do: fc.constant('limit' as const), to: fc.nat(4) });
const steps = fc.array(fc.oneof(start, act, act, limit) as fc.Arbitrary<Step>, { maxLength: 60 });

describe('permits', () => {
  it('are given back exactly once, and nothing is alive at the end, in 5,000 interleavings', () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const world = new World();
        let mostEver = world.gate.limit;
        for (const step of taken) {
          if (step.do === 'limit') mostEver = Math.max(mostEver, step.to);
          world.take(step);
          world.check(mostEver);
        }
        for (let n = 0; n < world.runs.length; n++) world.take({ do: 'cancel', run: n });
        world.check(mostEver);
        expect([world.gate.running.size, world.gate.waiting.length]).toEqual([0, 0]);
      }),
      { numRuns: 5_000 },
    );
  });
});
