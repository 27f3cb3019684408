import { config, Observable, of, throwError } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { AbortError, NetworkError, type RejectedError } from '../../lib/core/errors.js';
import { FLOW, type Flow } from '../../lib/core/flow.js';
import { guard } from '../../lib/core/policy/guarded-run.js';
import { PROGRESS } from '../../lib/core/progress.js';
import { Probe, probe } from '../../lib/testing/flow-probe.js';
import { obeysTheOperatorLaws } from '../../lib/testing/laws.js';
import { operatorObeysTheFlowRules } from '../../lib/testing/operator-rules.js';
import { Upstream } from '../../lib/testing/upstream.js';
import { CountingGate } from '../support/gate.js';
import { gc } from '../support/gc.js';

const lost = new NetworkError('lost', 'receive');

/** A run between a source that is told what to do and a probe. */
function guarded(gate: CountingGate, asked = 1) {
  const source = new Upstream();
  return { source, below: probe(source.flow.via(guard<number>(gate)), asked) };
}

describe('guard', () => {
  obeysTheOperatorLaws(() => guard(new CountingGate(Infinity)), { it, expect });
  operatorObeysTheFlowRules(() => guard(new CountingGate(1)), { it, expect, gc });

  it('acquires at subscription, and gives back at the end', () => {
    const gate = new CountingGate(1);
    const shown = of(1).pipe(guard(gate));
    expect(gate.entered).toBe(0);
    shown.subscribe();
    expect([gate.entered, gate.running.size, gate.left]).toEqual([1, 0, ['success']]);
  });

  it.each([
    ['failure', lost],
    ['ignored', new AbortError('enough')],
  ])('says %s for what an error means, and which it was', (outcome, error) => {
    const gate = new CountingGate(1);
    throwError(() => error)
      .pipe(guard(gate))
      .subscribe({ error: () => undefined });
    expect([gate.left, gate.errors]).toEqual([[outcome], [error]]);
  });

  it('is neutral when it is cancelled before a value', () => {
    const gate = new CountingGate(1);
    guarded(gate).below.cancel();
    expect(gate.left).toEqual(['ignored']);
  });

  it('is a success when the subscriber leaves after a value, not after progress alone', () => {
    const gate = new CountingGate(2);
    const first = guarded(gate);
    first.source.send();
    first.below.cancel();
    const progress = probe((of({ [PROGRESS]: true }).pipe(guard(gate)) as Flow<unknown>).via(guard(gate)), 1, (one) =>
      one.cancel(),
    );
    expect([gate.left, progress.values.length]).toEqual([['success', 'ignored', 'ignored'], 1]);
  });

  it('subscribes to nothing while it waits, and never when it leaves meanwhile', () => {
    const gate = new CountingGate(0);
    const { source, below } = guarded(gate);
    expect([source.subscriptions, gate.waiting.length]).toEqual([0, 1]);
    below.cancel();
    gate.limit = 1;
    gate.handOver();
    expect([source.subscriptions, gate.waiting.length, below.calls]).toEqual([0, 0, ['onSubscribe']]);
  });

  it('asks for what was asked for while it waited', () => {
    const gate = new CountingGate(0);
    const { source, below } = guarded(gate, 2);
    below.request(3);
    gate.limit = 1;
    gate.handOver();
    expect(source.requested).toBe(5);
  });

  it('fails with what the gate refuses with, and has not subscribed', () => {
    const { source, below } = guarded(new CountingGate(0, 0));
    expect([source.subscriptions, below.ending, (below.error as RejectedError).why]).toEqual([
      0,
      'error',
      'queue-full',
    ]);
  });

  it('never enters when it is cancelled within onSubscribe', () => {
    const gate = new CountingGate(1);
    new Upstream().flow.via(guard<number>(gate))[FLOW].subscribe(new Probe((one) => one.cancel()));
    expect(gate.entered).toBe(0);
  });

  it('leaves the queue on a bad request', () => {
    const gate = new CountingGate(0);
    const { below } = guarded(gate);
    below.request(-1);
    expect([gate.waiting.length, below.error instanceof RangeError]).toEqual([0, true]);
  });

  it('gives the permit back before it tells the end, so that what starts next finds it free', () => {
    const gate = new CountingGate(1, 0);
    const seen: unknown[] = [];
    const again = () =>
      of(2)
        .pipe(guard(gate))
        .subscribe({ next: (n) => seen.push(n), error: (e) => seen.push(e) });
    of(1).pipe(guard(gate)).subscribe({ complete: again });
    throwError(() => lost)
      .pipe(guard(gate))
      .subscribe({ error: again });
    expect(seen).toEqual([2, 2]);
  });

  it('cancels its source before its place goes to the next', () => {
    const gate = new CountingGate(1);
    const order: string[] = [];
    const source = (name: string) =>
      new Observable<never>(() => {
        order.push(`${name} starts`);
        return () => order.push(`${name} ends`);
      }).pipe(guard(gate));
    const first = source('a').subscribe();
    source('b').subscribe();
    first.unsubscribe();
    expect(order).toEqual(['a starts', 'a ends', 'b starts']);
  });
});

describe('guard among those who throw', () => {
  const { onUnhandledError } = config;
  const reported: unknown[] = [];
  beforeEach(() => {
    reported.length = 0;
    config.onUnhandledError = (error) => reported.push(error);
  });
  afterEach(() => {
    config.onUnhandledError = onUnhandledError;
  });

  it('gives the permit back of a subscriber that throws', async () => {
    const gate = new CountingGate(1);
    const thrown = new Error('thrown by the subscriber');
    probe(of(1, 2).pipe(guard(gate)) as Flow<number>, 9, () => {
      throw thrown;
    });
    expect([gate.running.size, gate.left]).toEqual([0, ['success']]);
    await new Promise((resolve) => void setTimeout(resolve));
    expect(reported).toEqual([thrown]);
  });

  it('gives the permit back of a source that throws when it is cancelled', () => {
    const gate = new CountingGate(1);
    const source = new Observable<number>(() => () => {
      throw new Error('thrown by a teardown');
    });
    const below = probe(source.pipe(guard(gate)) as Flow<number>, 1);
    expect(() => below.cancel()).toThrow('thrown by a teardown');
    expect([gate.running.size, gate.left]).toEqual([0, ['ignored']]);
  });
});
