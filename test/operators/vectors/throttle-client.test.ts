import { describe, expect, it } from 'vitest';

import { StatusError } from '../../../lib/core/answer-errors.js';
import { NetworkError } from '../../../lib/core/errors.js';
import { createThrottle } from '../../../lib/core/policy/throttle.js';
import type { ThrottleOptions } from '../../../lib/core/policy/throttle-types.js';
import { throttleClient } from '../../../operators/throttle-client.js';
import { HandCall } from '../../support/calls.js';
import { handClock } from '../../support/hand-clock.js';

const lost = new NetworkError('connection reset', 'receive');

/** A throttle after so many calls, of which so many were accepted; `chance` is what it draws afterwards. */
function after(requests: number, accepts: number, options: ThrottleOptions = {}) {
  const clock = handClock();
  let chance = 1;
  const throttle = createThrottle({ clock, random: () => chance, minRequests: 1, ...options });
  const call = () => new HandCall(throttleClient(throttle));
  const succeed = (count: number) => {
    for (let n = 0; n < count; n++) call().succeed();
  };
  const fail = (count: number) => {
    for (let n = 0; n < count; n++) call().fail(lost);
  };
  succeed(accepts);
  fail(requests - accepts);
  const draw = (next: number) => void (chance = next);
  return { clock, throttle, call, succeed, fail, draw, rejection: throttle.state.rejection };
}

// failsafe-go, adaptivethrottler/adaptivethrottler_test.go: nine of ten are to succeed, and 80 % are rejected at most.
describe('vectors of failsafe-go for throttleClient', () => {
  const options = { multiplier: 1 / 0.9, maxRejection: 0.8 };
  it.each([
    ['a system performing better than it must', 100, 95, 0],
    ['a slightly overloaded system', 120, 90, 20 / 121],
    ['a heavily overloaded system', 200, 50, (200 - 50 / 0.9) / 201],
    ['a maximum', 1_000, 10, 0.8],
    ['no executions', 0, 0, 0],
    ['no successes', 100, 0, 0.8],
    ['a healthy one', 100, 90, 0],
  ])('%s: %i requests, %i accepted', (_, requests, accepts, expected) => {
    expect(after(requests, accepts, options).rejection).toBeCloseTo(expected, 9);
  });

  it('a heavily overloaded system is rejected between 0.7 and 0.8, the more the fewer succeed', () => {
    const rates = [90, 70, 50].map((accepts) => after(100, accepts, options).rejection);
    expect(rates).toEqual(rates.toSorted((a, b) => a - b));
    expect(after(200, 50, options).rejection).toBeGreaterThan(0.7);
  });

  it('calculates the rejection rate after failures: a half after one', () => {
    expect(after(1, 0, { multiplier: 1 / 0.9 }).rejection).toBe(0.5);
  });

  it('respects the maximum rate', () => {
    expect(after(20, 0, { maxRejection: 0.5 }).rejection).toBe(0.5);
  });

  it('does not reject when the execution threshold is not met', () => {
    const { fail, call, draw } = after(1, 0, { minRequests: 2 });
    draw(0);
    expect(call().isSent).toBe(true);
    fail(1);
    expect(call().isSent).toBe(false);
  });
});

// go-kratos/aegis, circuitbreaker/sre: K of 2, a hundred requests at least, a window of a second in ten parts.
describe('vectors of go-kratos/aegis for throttleClient', () => {
  const sre = { windowMs: 1_000, minRequests: 100 };
  it('testSREClose', () => {
    const { call, succeed, draw } = after(80, 80, sre);
    draw(0);
    expect(call().isSent).toBe(true);
    succeed(120);
    expect(call().isSent).toBe(true);
  });

  it('testSREOpen, testSREHalfOpen: closed after failures, open again when they have gone out of the window', () => {
    const { clock, call, fail, succeed, draw } = after(100, 100, sre);
    fail(10_000);
    draw(0.85);
    expect(call().isSent).toBe(false);
    clock.pass(2_000);
    expect(call().isSent).toBe(true);
    succeed(10_000);
    expect(call().isSent).toBe(true);
  });

  it('TestSRESelfProtection: fewer than 100 requests', () => {
    const { call, draw } = after(99, 0, sre);
    draw(0);
    // There the next one passes too; here it is the hundredth only once it has failed.
    expect(call().isSent).toBe(true);
  });

  it.each([1, 50, 1_000])('TestSRESelfProtection: fewer than twice as many as succeed, %i', (size) => {
    const { call, draw } = after(2 * size + 100, size + 51, sre);
    draw(0);
    expect(call().isSent).toBe(true);
  });

  it.each([
    ['succ == total', 10, 10],
    ['fail == total', 10, 0],
    ['succ = 1/2 * total', 10, 5],
  ])('TestSRESummary: %s', (_, requests, accepts) => {
    expect(after(requests, accepts, sre).throttle.state).toMatchObject({ requests, accepts });
  });
});

// go-zero, core/breaker/googlebreaker_test.go: K of 5 in its tests, ten parts of 10 ms.
describe('vectors of go-zero for throttleClient', () => {
  const google = { multiplier: 5, windowMs: 100, minRequests: 5 };
  it('TestGoogleBreakerClose, TestGoogleBreakerOpen', () => {
    const { clock, call, fail, draw } = after(80, 80, google);
    draw(0);
    expect(call().isSent).toBe(true);
    draw(1);
    fail(10_000);
    clock.pass(20);
    draw(0);
    expect(call().isSent).toBe(false);
  });

  it('TestGoogleBreakerRecover: as many successes as failures after them, at a K of 1.5', () => {
    const { rejection, call, draw } = after(2_000, 1_000, { ...google, multiplier: 1.5 });
    expect(rejection).toBeCloseTo(500 / 2_001, 9);
    draw(0.3);
    expect(call().isSent).toBe(true);
  });
});

// Finagle, NackAdmissionFilterTest: only what the server turns away counts against it, half may be, and three of four
// are dropped at most. There a moving average, here the share within a window.
describe('vectors of the NackAdmissionFilter of Finagle for throttleClient', () => {
  const nack = { multiplier: 2, maxRejection: 0.75 };
  it("doesn't drop requests prematurely, and drops in advance when overloaded", () => {
    const { call, fail, draw } = after(100, 51, nack);
    draw(0);
    expect(call().isSent).toBe(true);
    draw(1);
    fail(3);
    draw(0);
    expect(call().isSent).toBe(false);
  });

  it('an error that is no nack is no failure', () => {
    const { call, throttle } = after(20, 20, nack);
    for (let n = 0; n < 100; n++) call().fail(new StatusError(404, '404', { headers: new Headers(), body: undefined }));
    expect(throttle.state).toMatchObject({ requests: 120, accepts: 120, rejection: 0 });
  });

  it('respects MaxDropProbability, and recovers', () => {
    const { clock, throttle, fail, succeed, call, draw } = after(1_000, 0, nack);
    expect(throttle.state.rejection).toBe(0.75);
    let dropped = 0;
    for (let n = 0; n < 1_000; n++) {
      draw((n % 100) / 100);
      const one = call();
      if (one.isSent) one.fail(lost);
      else dropped++;
    }
    expect(dropped).toBe(750);
    draw(1);
    fail(10);
    for (let s = 0; s < 30; s++) {
      clock.pass(1_000);
      succeed(100);
    }
    expect(throttle.state.rejection).toBe(0);
  });
});
