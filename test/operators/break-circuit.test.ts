import { NEVER, of, take, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { DecodeError } from '../../lib/core/answer-errors.js';
import { ConfigError, NetworkError, RejectedError } from '../../lib/core/errors.js';
import { createBreaker } from '../../lib/core/policy/breaker.js';
import { type PolicyEvent, policyEvents } from '../../lib/core/policy/policy-events.js';
import { obeysTheOperatorLaws } from '../../lib/testing/laws.js';
import { operatorObeysTheFlowRules } from '../../lib/testing/operator-rules.js';
import { breakCircuit } from '../../operators/break-circuit.js';
import { HandCall } from '../support/calls.js';
import { gc } from '../support/gc.js';
import { handClock } from '../support/hand-clock.js';
import { marble } from '../support/marble.js';

const lost = new NetworkError('connection reset', 'receive');
const half = () => 0.5; // no jitter
const ignore = { error: () => undefined };

describe('breakCircuit', () => {
  obeysTheOperatorLaws((clock) => breakCircuit(createBreaker({ clock })), { it, expect });
  operatorObeysTheFlowRules(() => breakCircuit(createBreaker()), { it, expect, gc });

  it('refuses what is no breaker', () => {
    expect(() => breakCircuit({} as never)).toThrow(ConfigError);
    expect(() => breakCircuit(undefined as never)).toThrow(
      'breakCircuit.breaker: must be what createBreaker() returns',
    );
  });

  marble('passes values and completion through', (t) => {
    const source = t.cold(' -a-b-|');
    const expected = '      -a-b-|';

    const breaker = createBreaker({ clock: t.clock });
    t.expectObservable(source.pipe(breakCircuit(breaker))).toBe(expected);
    t.expectSubscriptions(source.subscriptions).toBe('^----!');
  });

  marble('opens when enough calls have failed, and then subscribes to nothing', (t) => {
    const source = t.cold(' -#', undefined, lost);
    const breaker = createBreaker({ minCalls: 2, openMs: 5, random: half, clock: t.clock });
    const shown = source.pipe(breakCircuit(breaker));
    const open = new RejectedError('circuit-open', 'the circuit is open: it may be tried again in 4 ms', {
      retryAfterMs: 4,
    });

    t.expectObservable(shown, '  ^').toBe('    -#', undefined, lost);
    t.expectObservable(shown, '  -^').toBe('   --#', undefined, lost);
    t.expectObservable(shown, '  ---^').toBe(' ---#', undefined, open);
    t.expectSubscriptions(source.subscriptions).toBe(['^!', '-^!']);
  });

  marble('lets probes through after its time, and closes when two have succeeded', (t) => {
    const breaker = createBreaker({ minCalls: 1, openMs: 3, random: half, clock: t.clock });
    const fails = t.cold('      -#', undefined, lost);
    const works = t.cold('          -a|');
    const guarded = works.pipe(breakCircuit(breaker));

    t.expectObservable(fails.pipe(breakCircuit(breaker)), '^').toBe('-#', undefined, lost);
    t.expectObservable(guarded, '----^').toBe('             -----a|');
    t.expectObservable(guarded, '----^').toBe('             -----a|');
    t.expectObservable(guarded, '-------^').toBe('          --------a|');
    t.expectSubscriptions(works.subscriptions).toBe(['----^-!', '----^-!', '-------^-!']);
    t.flush();
    expect(breaker.state).toMatchObject({ status: 'closed', calls: 1, failures: 0 });
  });

  marble('cancels the source when the subscriber leaves, which is neutral', (t) => {
    const source = t.cold(' ---a');
    const leave = '         --!';
    const breaker = createBreaker({ clock: t.clock });

    t.expectObservable(source.pipe(breakCircuit(breaker)), leave).toBe('');
    t.expectSubscriptions(source.subscriptions).toBe('^-!');
    t.flush();
    expect(breaker.state).toMatchObject({ calls: 0, succeeded: 0, failed: 0 });
  });

  it('counts a value taken by a subscriber that leaves as a success', () => {
    const breaker = createBreaker();
    of(1, 2, 3).pipe(breakCircuit(breaker), take(1)).subscribe();
    expect(breaker.state).toMatchObject({ calls: 1, failures: 0, succeeded: 1 });
  });

  marble('cancels the source when the subscriber leaves, which is neutral', (t) => {
    const source = t.cold(' ---a');
    const leave = '         --!';
    const breaker = createBreaker({ clock: t.clock });

    t.expectObservable(source.pipe(breakCircuit(breaker)), leave).toBe('');
    t.expectSubscriptions(source.subscriptions).toBe('^-!');
    t.flush();
    expect(breaker.state).toMatchObject({ calls: 0, succeeded: 0, failed: 0 });
  });

  it('counts a value taken by a subscriber that leaves as a success', () => {
    const breaker = createBreaker();
    of(1, 2, 3).pipe(breakCircuit(breaker), take(1)).subscribe();
    expect(breaker.state).toMatchObject({ calls: 1, failures: 0, succeeded: 1 });
  });

  it('counts an answer that cannot be read as a success: the server works', () => {
    const breaker = createBreaker({ minCalls: 1 });
    throwError(() => new DecodeError('no JSON'))
      .pipe(breakCircuit(breaker))
      .subscribe(ignore);
    expect(breaker.state).toMatchObject({ status: 'closed', calls: 1, failures: 0 });
  });

  marble('cancels the source when the subscriber leaves, which is neutral', (t) => {
    const source = t.cold(' ---a');
    const leave = '         --!';
    const breaker = createBreaker({ clock: t.clock });

    t.expectObservable(source.pipe(breakCircuit(breaker)), leave).toBe('');
    t.expectSubscriptions(source.subscriptions).toBe('^-!');
    t.flush();
    expect(breaker.state).toMatchObject({ calls: 0, succeeded: 0, failed: 0 });
  });

  it('counts a value taken by a subscriber that leaves as a success', () => {
    const breaker = createBreaker();
    of(1, 2, 3).pipe(breakCircuit(breaker), take(1)).subscribe();
    expect(breaker.state).toMatchObject({ calls: 1, failures: 0, succeeded: 1 });
  });

  it('asks at subscription, not when it is put together', () => {
    const breaker = createBreaker();
    const shown = of(1).pipe(breakCircuit(breaker));
    breaker.isolate();
    let error: unknown;
    shown.subscribe({ error: (one: unknown) => (error = one) });
    expect(error).toBeInstanceOf(RejectedError);
  });
});

describe('a circuit breaker', () => {
  it('needs twenty calls, half of them failures, by default', () => {
    const breaker = createBreaker();
    const failing = throwError(() => lost).pipe(breakCircuit(breaker));
    const working = of(1).pipe(breakCircuit(breaker));
    for (let n = 0; n < 9; n++) failing.subscribe(ignore);
    for (let n = 0; n < 10; n++) working.subscribe();
    expect(breaker.state).toMatchObject({ status: 'closed', calls: 19, failures: 9 });
    failing.subscribe(ignore);
    expect(breaker.state).toMatchObject({ status: 'open', calls: 20, failures: 10 });
  });

  it('opens on the twentieth call also when that one succeeds', () => {
    const breaker = createBreaker();
    for (let n = 0; n < 10; n++)
      throwError(() => lost)
        .pipe(breakCircuit(breaker))
        .subscribe(ignore);
    for (let n = 0; n < 10; n++) of(1).pipe(breakCircuit(breaker)).subscribe();
    expect(breaker.state.status).toBe('open');
  });

  it('counts exactly ten seconds back', () => {
    const clock = handClock();
    const breaker = createBreaker({ clock, minCalls: 2, failureRate: 1 });
    const fail = () =>
      throwError(() => lost)
        .pipe(breakCircuit(breaker))
        .subscribe(ignore);
    fail();
    clock.pass(10_000);
    fail();
    expect(breaker.state).toMatchObject({ status: 'closed', calls: 1 });
    clock.pass(9_000);
    fail();
    expect(breaker.state.status).toBe('open');
  });

  it('stays open twice as long each time, up to a minute, and starts anew once it has closed', () => {
    const clock = handClock();
    const breaker = createBreaker({ clock, minCalls: 1, random: half });
    const call = () => new HandCall(breakCircuit(breaker));
    const openFor = () => breaker.state.probeAtMs! - clock.now();
    const lengths: number[] = [];
    call().fail(lost);
    for (let n = 0; n < 6; n++) {
      lengths.push(openFor());
      clock.pass(openFor());
      call().fail(lost);
      call().fail(lost);
    }
    expect(lengths).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
    clock.pass(openFor());
    call().succeed();
    call().succeed();
    call().fail(lost);
    expect(openFor()).toBe(5_000);
  });

  it.each([
    [0, 4_000],
    [0.5, 5_000],
    [0.999, 5_998],
  ])('spreads the time by a fifth to both sides: %d gives %d ms', (drawn, ms) => {
    const clock = handClock();
    const breaker = createBreaker({ clock, minCalls: 1, random: () => drawn });
    throwError(() => lost)
      .pipe(breakCircuit(breaker))
      .subscribe(ignore);
    expect(breaker.state.probeAtMs! - clock.now()).toBeCloseTo(ms, 5);
  });

  it('opens on slow calls, only when it is told what is slow', () => {
    const clock = handClock();
    const [watchful, other] = [
      createBreaker({ clock, minCalls: 4, slowMs: 100 }),
      createBreaker({ clock, minCalls: 4 }),
    ];
    for (const ms of [99, 100, 99, 100]) {
      const calls = [watchful, other].map((breaker) => new HandCall(breakCircuit(breaker)));
      clock.pass(ms);
      for (const call of calls) call.succeed();
    }
    expect(watchful.state).toMatchObject({ status: 'open', slow: 2, failures: 0 });
    expect(other.state).toMatchObject({ status: 'closed', slow: 0 });
  });

  it('takes a slow probe for one that failed', () => {
    const clock = handClock();
    const breaker = createBreaker({ clock, minCalls: 1, probes: 1, successes: 1, slowMs: 100, random: half });
    new HandCall(breakCircuit(breaker)).fail(lost);
    clock.pass(5_000);
    const probe = new HandCall(breakCircuit(breaker));
    clock.pass(100);
    probe.succeed();
    expect(breaker.state.status).toBe('open');
  });

  it('sets no timer, except for probes that run', () => {
    const clock = handClock();
    const breaker = createBreaker({ clock, minCalls: 1, random: half });
    new HandCall(breakCircuit(breaker)).fail(lost);
    expect(clock.pending).toBe(0);
    clock.pass(5_000);
    const probes = [1, 2, 3].map(() => new HandCall(breakCircuit(breaker)));
    expect(clock.pending).toBe(1);
    probes[0]!.leave();
    probes[1]!.succeed();
    probes[2]!.fail(lost);
    expect(clock.pending).toBe(0);
  });

  it('lets none pass while it is isolated, and says no time; close ends that', () => {
    const clock = handClock();
    const breaker = createBreaker({ clock, name: 'prices' });
    breaker.isolate();
    clock.pass(1e9);
    const call = new HandCall(breakCircuit(breaker));
    const [error] = call.told as [RejectedError];
    expect(error.message).toBe('the circuit of prices is isolated: until it is closed by hand');
    expect([call.isSent, error.why, error.retryAfterMs]).toEqual([false, 'circuit-open', undefined]);
    breaker.close();
    expect(new HandCall(breakCircuit(breaker)).isSent).toBe(true);
  });

  it('tells its changes, and all that it decides in policyEvents', () => {
    const clock = handClock();
    const breaker = createBreaker({ clock, name: 'prices', minCalls: 1, random: half });
    const seen: string[] = [];
    breaker.changes.subscribe(({ status, rejected }) => seen.push(`${status} ${rejected}`));
    const events: PolicyEvent[] = [];
    const listening = policyEvents.subscribe((event) => events.push(event));
    new HandCall(breakCircuit(breaker)).fail(lost);
    new HandCall(breakCircuit(breaker)).leave();
    clock.pass(5_000);
    for (let n = 0; n < 2; n++) new HandCall(breakCircuit(breaker)).succeed();
    listening.unsubscribe();
    expect(seen).toEqual(['closed 0', 'open 0', 'open 1', 'half-open 1', 'half-open 1', 'closed 1']);
    const common = { policy: 'breakCircuit', name: 'prices' };
    expect(events).toEqual([
      { ...common, type: 'state', atMs: 1_000_000, from: 'closed', to: 'open' },
      { ...common, type: 'rejected', atMs: 1_000_000, why: 'circuit-open' },
      { ...common, type: 'state', atMs: 1_005_000, from: 'open', to: 'half-open' },
      { ...common, type: 'state', atMs: 1_005_000, from: 'half-open', to: 'closed' },
    ]);
  });

  it('may be isolated by whoever is told that it tries again', () => {
    const clock = handClock();
    const breaker = createBreaker({ clock, minCalls: 1, random: half });
    new HandCall(breakCircuit(breaker)).fail(lost);
    clock.pass(5_000);
    breaker.changes.subscribe(({ status }) => status === 'half-open' && breaker.isolate());
    expect(new HandCall(breakCircuit(breaker)).isSent).toBe(false);
    NEVER.pipe(breakCircuit(breaker)).subscribe(ignore);
    expect(breaker.state).toMatchObject({ status: 'isolated', rejected: 2 });
  });
});
