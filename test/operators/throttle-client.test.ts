import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { AbortError, NetworkError, RejectedError } from '../../lib/core/errors.js';
import { type PolicyEvent, policyEvents } from '../../lib/core/policy/policy-events.js';
import { createThrottle } from '../../lib/core/policy/throttle.js';
import type { ThrottleOptions } from '../../lib/core/policy/throttle-types.js';
import { DecodeError } from '../../lib/core/answer-errors.js';
import { obeysTheOperatorLaws } from '../../lib/testing/laws.js';
import { operatorObeysTheFlowRules } from '../../lib/testing/operator-rules.js';
import { throttleClient } from '../../operators/throttle-client.js';
import { HandCall } from '../support/calls.js';
import { gc } from '../support/gc.js';
import { handClock } from '../support/hand-clock.js';
import { marble } from '../support/marble.js';

const lost = new NetworkError('connection reset', 'receive');

function trial(options: ThrottleOptions = {}) {
  const clock = handClock();
  const throttle = createThrottle({ clock, random: () => 0.999, ...options });
  const call = () => new HandCall(throttleClient(throttle));
  const fail = (times: number) => {
    for (let n = 0; n < times; n++) call().fail(lost);
  };
  const succeed = (times: number) => {
    for (let n = 0; n < times; n++) call().succeed();
  };
  return { clock, throttle, call, fail, succeed };
}

describe('throttleClient', () => {
  obeysTheOperatorLaws((clock) => throttleClient(createThrottle({ clock })), { it, expect });
  operatorObeysTheFlowRules(() => throttleClient(createThrottle()), { it, expect, gc });

  it('refuses what is no throttle', () => {
    expect(() => throttleClient(null as never)).toThrow(
      'throttleClient.throttle: must be what createThrottle() returns',
    );
  });

  marble('passes values and completion through, and leaves with the subscriber', (t) => {
    const source = t.cold(' -a-b-|');
    const throttled = source.pipe(throttleClient(createThrottle({ clock: t.clock })));

    t.expectObservable(throttled).toBe('       -a-b-|');
    t.expectObservable(throttled, '--!').toBe('-a');
    t.expectSubscriptions(source.subscriptions).toBe(['^----!', '^-!']);
  });

  marble('subscribes to nothing when it turns a call away', (t) => {
    const source = t.cold(' #', undefined, lost);
    const throttle = createThrottle({ clock: t.clock, minRequests: 1, random: () => 0 });
    const throttled = source.pipe(throttleClient(throttle));
    const away = new RejectedError(
      'rate-limited',
      'not sent: the server accepts too few of the calls it gets (throttleClient)',
    );

    t.expectObservable(throttled, '^').toBe(' #', undefined, lost);
    t.expectObservable(throttled, '-^').toBe('-#', undefined, away);
    t.expectSubscriptions(source.subscriptions).toBe(['(^!)']);
  });
});

describe('a throttle', () => {
  it.each([
    [100, 0, 0.9],
    [100, 30, (100 - 60) / 101],
    [100, 50, 0],
    [100, 100, 0],
    [10, 1, (10 - 2) / 11],
    [9, 0, 0],
  ])('turns away by the formula: of %d requests %d accepted gives %d', (requests, accepts, rejection) => {
    const { throttle, fail, succeed } = trial();
    fail(requests - accepts);
    succeed(accepts);
    expect(throttle.state).toEqual({ requests, accepts, rejection, rejected: 0 });
  });

  it('turns away when chance falls below that share, and counts what it turned away as a request', () => {
    let drawn = 0.3;
    const { throttle, call, fail, succeed } = trial({ random: () => drawn });
    drawn = 0.999;
    fail(70);
    succeed(30);
    drawn = 0.39;
    expect(call().isSent).toBe(false);
    expect(throttle.state).toMatchObject({ requests: 101, accepts: 30, rejected: 1 });
    drawn = 0.41;
    expect(call().isSent).toBe(true);
  });

  it('takes an answer that refuses, or cannot be read, for accepted', () => {
    const { throttle, call } = trial();
    call().fail(new DecodeError('no JSON'));
    expect(throttle.state).toMatchObject({ requests: 1, accepts: 1 });
  });

  it('forgets calls that were cancelled, aborted or turned away below it', () => {
    const { throttle, clock, call } = trial();
    const running = Array.from({ length: 30 }, call);
    clock.pass(10_000);
    expect(throttle.state.rejection).toBe(0.9);
    running.forEach((one, n) => {
      if (n % 3 === 0) one.leave();
      else if (n % 3 === 1) one.fail(new AbortError('enough'));
      else one.fail(new RejectedError('queue-full', 'full'));
    });
    expect(throttle.state).toMatchObject({ requests: 0, accepts: 0, rejection: 0 });
  });

  it('counts at sending: calls that hang throttle those behind them (go-zero#5011)', () => {
    const { throttle, clock, call } = trial();
    for (let n = 0; n < 20; n++) call();
    clock.pass(3_000);
    expect(throttle.state.rejection).toBe(0);
    clock.pass(3_000);
    expect(throttle.state).toMatchObject({ requests: 20, accepts: 0, rejection: 0.9 });
  });

  it('turns nothing away when many calls start at once on a server that works', () => {
    const { throttle, clock, call } = trial({ random: () => 0 });
    const running: HandCall[] = [];
    for (let ms = 0; ms < 20_000; ms++) {
      running.push(call());
      if (running.length > 100) running.shift()!.succeed();
      clock.pass(1);
    }
    expect(throttle.state.rejected).toBe(0);
  });

  it('looks thirty seconds back', () => {
    const { throttle, clock, fail } = trial();
    fail(50);
    clock.pass(27_000);
    expect(throttle.state.requests).toBe(50);
    clock.pass(3_000);
    expect(throttle.state).toMatchObject({ requests: 0, rejection: 0 });
  });

  it.each([
    [0.9, 30_000, 30, 70],
    [0.75, 30_000, 20, 60],
  ])('sends again soon after an outage of 180 s: cap %d, window %d ms', (maxRejection, windowMs, atLeast, atMost) => {
    let seed = 1;
    const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
    const { clock, call } = trial({ maxRejection, windowMs, random });
    const second = (works: boolean): number => {
      let sent = 0;
      for (let n = 0; n < 100; n++) {
        const one = call();
        if (one.isSent) sent++;
        if (works) one.succeed();
        else one.fail(lost);
        clock.pass(10);
      }
      return sent;
    };
    for (let n = 0; n < 180; n++) second(false);
    let seconds = 0;
    while (second(true) < 95) seconds++;
    expect(seconds).toBeGreaterThanOrEqual(atLeast);
    expect(seconds).toBeLessThanOrEqual(atMost);
  });

  it('goes on from its snapshot in another process', () => {
    const one = trial();
    one.fail(15);
    const other = trial();
    other.throttle.restore(JSON.parse(JSON.stringify(one.throttle.snapshot())));
    expect(other.throttle.state).toMatchObject({ requests: 15, accepts: 0, rejection: 0.9 });
    expect(() => other.throttle.restore({ version: 1 } as never)).toThrow(
      'createThrottle.restore.window: must be a list',
    );
  });

  it('keeps its counts when it is configured', () => {
    const { throttle, call, fail, succeed } = trial();
    fail(20);
    succeed(10);
    const running = call();
    throttle.configure({ multiplier: 1, maxRejection: 0.5 });
    expect(throttle.state).toMatchObject({ requests: 31, accepts: 10, rejection: 0.5 });
    throttle.configure({ windowMs: 60_000 });
    running.leave();
    expect(throttle.state).toMatchObject({ accepts: 10 });
  });

  it.each([
    [{ multiplier: 0.5 }, 'createThrottle.multiplier: must be a number from 1 to 100, not 0.5'],
    [{ windowMs: 0 }, 'createThrottle.windowMs'],
    [{ maxRejection: 2 }, 'createThrottle.maxRejection'],
    [{ minRequests: 0 }, 'createThrottle.minRequests'],
    [{ k: 2 }, 'createThrottle.k: unknown option'],
  ])('refuses %j, at first and later', (settings, message) => {
    expect(() => createThrottle(settings as object)).toThrow(message);
    expect(() => createThrottle().configure(settings as object)).toThrow(message);
  });

  it('tells its changes, and whom it turned away in policyEvents', () => {
    const { throttle, clock, call, fail } = trial({ name: 'prices', minRequests: 1, random: () => 0 });
    const rejections: number[] = [];
    throttle.changes.subscribe(({ rejection }) => rejections.push(rejection));
    fail(1);
    const events: PolicyEvent[] = [];
    const listening = policyEvents.subscribe((event) => events.push(event));
    call();
    listening.unsubscribe();
    expect(rejections).toEqual([0, 0, 0.5, 2 / 3]);
    const event = {
      type: 'rejected',
      policy: 'throttleClient',
      name: 'prices',
      atMs: clock.now(),
      why: 'rate-limited',
    };
    expect(events).toEqual([event]);
  });

  it('never counts below 0, nor more accepted than sent, under any interleaving', () => {
    const step = fc.tuple(fc.constantFrom('call', 'call', 'succeed', 'fail', 'leave', 'pass', 'configure'), fc.nat(99));
    const run = (steps: [string, number][]) => {
      const { throttle, clock, call } = trial({ random: () => 0.5 });
      const sent: HandCall[] = [];
      for (const [what, n] of steps) {
        const one = sent[n % Math.max(1, sent.length)];
        if (what === 'call') sent.push(call());
        else if (what === 'pass') clock.pass(n * 100);
        else if (what === 'configure') throttle.configure({ windowMs: 1_000 + n * 500 });
        else if (what === 'succeed') one?.succeed();
        else if (what === 'leave') one?.leave();
        else one?.fail(lost);
        const { requests, accepts, rejection } = throttle.state;
        expect(accepts >= 0 && accepts <= requests && rejection >= 0 && rejection <= 0.9).toBe(true);
      }
      expect(clock.pending).toBe(0);
    };
    fc.assert(fc.property(fc.array(step, { maxLength: 80 }), run), { numRuns: 2_000 });
  });
});
