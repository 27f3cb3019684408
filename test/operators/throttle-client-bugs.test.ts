import { describe, expect, it } from 'vitest';

import { NetworkError } from '../../lib/core/errors.js';
import { createThrottle } from '../../lib/core/policy/throttle.js';
import type { ThrottleOptions } from '../../lib/core/policy/throttle-types.js';
import { seededRandom } from '../../lib/testing/seeded-random.js';
import { throttleClient } from '../../operators/throttle-client.js';
import { HandCall } from '../support/calls.js';
import { handClock } from '../support/hand-clock.js';

const lost = new NetworkError('connection reset', 'receive');
const RATE = 100;

/** Seconds after an outage of three minutes until 95 of 100 calls pass again, for ten seconds on end. */
function secondsToRecover(options: ThrottleOptions): number {
  const clock = handClock();
  const throttle = createThrottle({ clock, random: seededRandom(5), ...options });
  /** @returns how many of a second's calls were let through */
  const second = (isWell: boolean): number => {
    const before = throttle.state.rejected;
    for (let n = 0; n < RATE; n++) {
      const call = new HandCall(throttleClient(throttle));
      if (isWell) call.succeed();
      else call.fail(lost);
      clock.pass(1_000 / RATE);
    }
    return RATE - (throttle.state.rejected - before);
  };
  for (let s = 0; s < 60; s++) second(true);
  for (let s = 0; s < 180; s++) second(false);
  let well = 0;
  for (let s = 1; s <= 900; s++) {
    well = second(true) >= 0.95 * RATE ? well + 1 : 0;
    if (well === 10) return s - 9;
  }
  return Infinity;
}

describe('bugs of other client throttles that this one does not have', () => {
  // The formula of the SRE book has no cap and looks two minutes back: 581 s in a simulation of it.
  it('the SRE book: without a cap, a long outage is followed by minutes of an outage of its own making', () => {
    expect(secondsToRecover({ maxRejection: 0.9999, windowMs: 120_000 })).toBeGreaterThan(240);
    expect(secondsToRecover({})).toBeLessThanOrEqual(60);
  });

  // Finagle throttles nothing below five calls a second for that.
  it('the SRE book: a client that sends little is throttled by its first few failures', () => {
    const throttle = createThrottle({ clock: handClock(), random: () => 0 });
    for (let n = 0; n < 9; n++) new HandCall(throttleClient(throttle)).fail(lost);
    expect(throttle.state).toMatchObject({ rejection: 0, rejected: 0 });
  });
});
