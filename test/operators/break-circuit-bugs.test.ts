import { describe, expect, it } from 'vitest';

import { AbortError, NetworkError, RejectedError, TimeoutError } from '../../lib/core/errors.js';
import { createBreaker } from '../../lib/core/policy/breaker.js';
import type { BreakerOptions } from '../../lib/core/policy/breaker-types.js';
import { PROGRESS } from '../../lib/core/progress.js';
import { breakCircuit } from '../../operators/break-circuit.js';
import { HandCall } from '../support/calls.js';
import { handClock } from '../support/hand-clock.js';

const lost = new NetworkError('connection reset', 'receive');

/** A breaker that one failure opens, for 5 s, on a clock that is turned by hand. */
function trial(options: BreakerOptions = {}) {
  const clock = handClock();
  const breaker = createBreaker({ clock, random: () => 0.5, minCalls: 1, ...options });
  const call = () => new HandCall(breakCircuit(breaker));
  const calls = (count: number) => Array.from({ length: count }, call);
  const open = () => {
    call().fail(lost);
    clock.pass(5_000);
  };
  return { clock, breaker, call, calls, open };
}

describe('bugs of other breakers that this one does not have', () => {
  it('opossum 9.0.0, #381: a success from before it opened closes it while a probe runs', () => {
    const { breaker, call, open } = trial();
    const stale = call();
    open();
    const probe = call();
    stale.succeed();
    expect(breaker.state.status).toBe('half-open');
    probe.fail(lost);
    call().fail(lost);
    expect(breaker.state.status).toBe('open');
  });

  it('cockatiel 3.2.1: a failure from before it opened opens it again and drops the probe that succeeds', () => {
    const { breaker, call, open } = trial();
    const stale = call();
    open();
    const probe = call();
    stale.fail(lost);
    expect(breaker.state.status).toBe('half-open');
    probe.succeed();
    call().succeed();
    expect(breaker.state.status).toBe('closed');
  });

  it('Polly #216, #223: outcomes from before it opened count after it has closed', () => {
    const { breaker, call, calls, open } = trial({ minCalls: 4 });
    const stale = calls(4);
    for (const one of calls(4)) one.fail(lost);
    open();
    call().succeed();
    call().succeed();
    expect(breaker.state.status).toBe('closed');
    for (const one of stale) one.fail(lost);
    expect(breaker.state).toMatchObject({ status: 'closed', calls: 0, failed: 8 });
  });

  it('Polly #1979: a cancelled probe leaves it half-open for ever', () => {
    const { breaker, call, calls, open } = trial();
    open();
    for (let round = 0; round < 10; round++) for (const probe of calls(3)) probe.leave();
    expect(breaker.state.status).toBe('half-open');
    call().succeed();
    call().succeed();
    expect(breaker.state.status).toBe('closed');
  });

  it('Polly 8, nestjs-resilience: a cancelled probe counts as a success and closes it', () => {
    const { breaker, calls, open } = trial();
    open();
    const [left, aborted, progressing] = calls(3);
    left!.leave();
    aborted!.fail(new AbortError('enough'));
    progressing!.next({ [PROGRESS]: true });
    progressing!.leave();
    expect(breaker.state).toMatchObject({ status: 'half-open', succeeded: 0 });
  });

  it('resilience4j #903, #935, #2172: an ignored probe keeps its permit', () => {
    const { breaker, calls, open } = trial();
    open();
    for (const probe of calls(3)) probe.fail(new RejectedError('rate-limited', 'not now'));
    expect(calls(4).map(({ isSent }) => isSent)).toEqual([true, true, true, false]);
    expect(breaker.state.status).toBe('half-open');
  });

  it('cockatiel, opossum without timeout, resilience4j: a probe that hangs blocks all others for ever', () => {
    const { clock, breaker, call, calls, open } = trial();
    open();
    const hung = calls(3);
    expect(call().isSent).toBe(false);
    clock.pass(9_999);
    expect(breaker.state.status).toBe('half-open');
    clock.pass(1);
    expect(breaker.state.status).toBe('open');
    clock.pass(10_000);
    for (const one of hung) one.succeed();
    expect(breaker.state.status).toBe('open');
    call().succeed();
    call().succeed();
    expect(breaker.state.status).toBe('closed');
    expect(clock.pending).toBe(0);
  });

  it('a stream that has brought a value passes as a probe when its time is over', () => {
    const { clock, breaker, calls, open } = trial();
    open();
    const streams = calls(2);
    for (const stream of streams) stream.next();
    clock.pass(10_000);
    expect(breaker.state.status).toBe('closed');
    for (const stream of streams) stream.fail(lost);
    expect(breaker.state).toMatchObject({ status: 'closed', calls: 0 });
  });

  it("cockatiel's SamplingBreaker: failures of an hour ago open it, since its window moves only when it is used", () => {
    const { clock, breaker, call, calls } = trial({ minCalls: 10 });
    for (const one of calls(9)) one.fail(lost);
    clock.pass(3_600_000);
    call().fail(lost);
    expect(breaker.state).toMatchObject({ status: 'closed', calls: 1, failures: 1 });
  });

  it('opossum: what it turns away itself, and what is turned away below it, counts as a failure', () => {
    const { breaker, call } = trial();
    call().fail(new RejectedError('queue-full', 'full'));
    call().fail(new RejectedError('budget', 'spent'));
    call().fail(new TimeoutError('queue', 1_000));
    expect(breaker.state).toMatchObject({ status: 'closed', calls: 0 });
    breaker.isolate();
    call();
    breaker.close();
    expect(breaker.state).toMatchObject({ status: 'closed', calls: 0, failed: 0, rejected: 1 });
  });

  it('opossum with volumeThreshold 0: one failure opens it', () => {
    const clock = handClock();
    const breaker = createBreaker({ clock });
    new HandCall(breakCircuit(breaker)).fail(lost);
    expect(breaker.state.status).toBe('closed');
  });

  it('opossum #385: opening again while it is half-open clears the way back', () => {
    const { clock, breaker, call, open } = trial();
    open();
    for (let round = 0; round < 5; round++) {
      call().fail(lost);
      call().fail(lost);
      expect(breaker.state.status).toBe('open');
      clock.pass(72_000);
    }
    call().succeed();
    call().succeed();
    expect(breaker.state.status).toBe('closed');
  });

  it('resilience4j #1432: more calls than permitted pass when it becomes half-open', () => {
    const { calls, open } = trial();
    open();
    expect(calls(100).filter(({ isSent }) => isSent).length).toBe(3);
  });

  it('Polly #2381, opossum #613: one failed probe of several opens it, with no ratio to choose', () => {
    const { breaker, calls, open } = trial({ probes: 10, successes: 7 });
    open();
    const probes = calls(10);
    for (const probe of probes.slice(0, 3)) probe.fail(lost);
    for (const probe of probes.slice(3, 9)) probe.succeed();
    expect(breaker.state.status).toBe('half-open');
    probes[9]!.succeed();
    expect(breaker.state.status).toBe('closed');
  });

  it('Polly #311, #717: a probe that ends in what is not counted uses up the only trial', () => {
    const { breaker, call, open } = trial({ probes: 1, successes: 1 });
    open();
    call().fail(new AbortError('enough'));
    const next = call();
    expect(next.isSent).toBe(true);
    next.succeed();
    expect(breaker.state.status).toBe('closed');
  });

  it('Polly #218: failures of calls that began before it opened open it again, or put off its next trial', () => {
    const { breaker, clock, calls } = trial({ minCalls: 2 });
    const overhanging = calls(5);
    const told: string[] = [];
    const listening = breaker.changes.subscribe(({ status }) => told.push(status));
    const probeAtMs = clock.now() + 5_000;
    for (const one of overhanging) {
      one.fail(lost);
      clock.pass(100);
    }
    listening.unsubscribe();
    expect(told.filter((status, index) => status !== told[index - 1])).toEqual(['closed', 'open']);
    expect(breaker.state).toMatchObject({ probeAtMs: probeAtMs + 100, failed: 5 });
  });

  it('opossum #276: fewer calls than its volume threshold leave it half-open for ever', () => {
    const { clock, breaker, call, calls } = trial({ minCalls: 20, probes: 1, successes: 1 });
    for (const one of calls(20)) one.fail(lost);
    clock.pass(60_000);
    call().fail(lost);
    expect(breaker.state).toMatchObject({ status: 'open', calls: 0 });
    clock.pass(60_000);
    call().succeed();
    expect(breaker.state.status).toBe('closed');
  });

  it('opossum #119: a failed probe does not open it, since by then too small a share has failed', () => {
    const { clock, breaker, call, calls } = trial({ minCalls: 10, windowMs: 60_000, probes: 1, successes: 1 });
    for (const one of calls(5)) one.succeed();
    for (const one of calls(5)) one.fail(lost);
    clock.pass(5_000);
    const late = calls(3);
    expect(late.map(({ isSent }) => isSent)).toEqual([true, false, false]);
    late[0]!.fail(lost);
    expect(breaker.state.status).toBe('open');
    expect(call().isSent).toBe(false);
  });

  it('opossum #484: under load the call after the probe that closed it is turned away', () => {
    const { breaker, calls, open } = trial();
    open();
    const probes = calls(3);
    const refused = calls(50);
    probes[0]!.succeed();
    probes[1]!.succeed();
    expect(breaker.state.status).toBe('closed');
    expect(calls(50).every(({ isSent }) => isSent)).toBe(true);
    expect(refused.some(({ isSent }) => isSent)).toBe(false);
    probes[2]!.fail(lost);
    expect(breaker.state).toMatchObject({ status: 'closed', calls: 0 });
  });

  it('says when to come back: until the next probe, or until the probes have decided', () => {
    const { clock, breaker, call, calls, open } = trial();
    open();
    calls(3);
    clock.pass(4_000);
    const waits = () => (call().told[0] as RejectedError).retryAfterMs;
    expect(waits()).toBe(6_000);
    clock.pass(6_000);
    expect(breaker.state.status).toBe('open');
    clock.pass(1_000);
    expect(waits()).toBe(9_000);
  });
});
