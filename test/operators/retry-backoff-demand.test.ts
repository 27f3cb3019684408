import { describe, expect, it } from 'vitest';

import { createBudget } from '../../lib/core/budget.js';
import type { Clock } from '../../lib/core/clock.js';
import type { Demand, FlowSubscriber } from '../../lib/core/demand.js';
import { NetworkError } from '../../lib/core/errors.js';
import { FLOW, Flow } from '../../lib/core/flow.js';
import { fromIterable } from '../../lib/core/from-iterable.js';
import { PROGRESS } from '../../lib/core/progress.js';
import { Probe, probe } from '../../lib/testing/flow-probe.js';
import { obeysTheFlowRules } from '../../lib/testing/flow-rules.js';
import { operatorObeysTheFlowRules } from '../../lib/testing/operator-rules.js';
import { retryBackoff } from '../../operators/retry-backoff.js';
import { gc } from '../support/gc.js';

const lost = new NetworkError('connection reset', 'receive');
const progress = { [PROGRESS]: true };

function* upTo(count: number): Generator<number> {
  for (let n = 1; n <= count; n++) yield n;
}

/** A flow whose first two attempts fail before their first value. */
function failsTwice(count: number): Flow<number> {
  let attempts = 0;
  const attempt = () => {
    if (++attempts <= 2) throw lost;
    return upTo(count);
  };
  return fromIterable({ [Symbol.iterator]: attempt });
}

/** Attempts that do what the test says; time passes when it says so. */
function steered() {
  const attempts: { to: FlowSubscriber<unknown>; asked: number[]; cancelled: boolean }[] = [];
  const due: (() => void)[] = [];
  const source = new Flow<unknown>({
    subscribe(to) {
      const attempt = { to, asked: [] as number[], cancelled: false };
      attempts.push(attempt);
      const demand: Demand = { request: (n) => void attempt.asked.push(n), cancel: () => (attempt.cancelled = true) };
      to.onSubscribe(demand);
    },
  });
  const clock: Clock = {
    now: () => 0,
    after(_ms, run) {
      due.push(run);
      return () => void due.splice(due.indexOf(run), 1);
    },
  };
  const pass = () => due.shift()?.();
  return { source, clock, attempts, due, pass };
}

describe('retryBackoff in a Flow', () => {
  operatorObeysTheFlowRules(() => retryBackoff(), { it, expect, gc });

  describe('whose first attempts fail', () => {
    obeysTheFlowRules((count) => failsTwice(count).via(retryBackoff({ backoff: () => 0 })), { it, expect, gc });
  });

  it('asks the next attempt for what the failed one has not sent', () => {
    const { source, clock, attempts, pass } = steered();
    const below = probe(source.via(retryBackoff({ clock })), 5);
    attempts[0]!.to.onNext(progress);
    attempts[0]!.to.onError(lost);
    pass();
    expect(attempts.map(({ asked }) => asked)).toEqual([[5], [4]]);
    below.request(3);
    expect(attempts.map(({ asked }) => asked)).toEqual([[5], [4, 3]]);
  });

  it('keeps what is asked for during a wait for the next attempt', () => {
    const { source, clock, attempts, pass } = steered();
    const below = probe(source.via(retryBackoff({ clock })));
    attempts[0]!.to.onError(lost);
    below.request(2);
    below.request(1);
    pass();
    expect(attempts.map(({ asked }) => asked)).toEqual([[], [3]]);
  });

  it('fails on a bad request during a wait, and makes no further attempt', () => {
    const { source, clock, attempts, due } = steered();
    const below = probe(source.via(retryBackoff({ clock })), 1);
    attempts[0]!.to.onError(lost);
    below.request(0);
    expect([below.error instanceof RangeError, due.length, attempts.length]).toEqual([true, 0, 1]);
  });

  it('cuts the wait when it is cancelled', () => {
    const { source, clock, attempts, due } = steered();
    const below = probe(source.via(retryBackoff({ clock })), 1);
    attempts[0]!.to.onError(lost);
    below.cancel();
    expect([due.length, below.calls]).toEqual([0, ['onSubscribe']]);
  });

  it('makes no attempt when it is cancelled within onSubscribe', () => {
    const { source, clock, attempts } = steered();
    source.via(retryBackoff({ clock }))[FLOW].subscribe(new Probe((one) => one.cancel()));
    expect(attempts).toEqual([]);
  });

  it('cancels the attempt that runs', () => {
    const { source, clock, attempts, pass } = steered();
    const below = probe(source.via(retryBackoff({ clock })), 1);
    attempts[0]!.to.onError(lost);
    pass();
    below.cancel();
    expect(attempts.map(({ cancelled }) => cancelled)).toEqual([false, true]);
  });

  it('ignores what an attempt sends that does not stop', () => {
    const { source, clock, attempts } = steered();
    const budget = createBudget();
    budget.take();
    const below = probe(source.via(retryBackoff({ budget, clock })), 9);
    below.cancel();
    attempts[0]!.to.onNext(1);
    attempts[0]!.to.onError(lost);
    attempts[0]!.to.onComplete();
    expect([below.calls, attempts.length, budget.state.level]).toEqual([['onSubscribe'], 1, 9]);
  });

  it('waits for nothing when whoever listens to the budget cancels', () => {
    const { source, clock, attempts, due } = steered();
    const budget = createBudget();
    const below = probe(source.via(retryBackoff({ budget, clock })), 1);
    budget.changes.subscribe(({ taken }) => {
      if (taken > 0) below.cancel();
    });
    attempts[0]!.to.onError(lost);
    expect([due.length, budget.state.taken]).toEqual([0, 1]);
  });
});
