import { describe, expect, it } from 'vitest';

import { StatusError } from '../../lib/core/answer-errors.js';
import { AbortError, RejectedError, TimeoutError } from '../../lib/core/errors.js';
import { createAdaptiveLimit } from '../../lib/core/policy/adaptive-limit.js';
import { adaptConcurrency } from '../../operators/adapt-concurrency.js';
import { HandCall } from '../support/calls.js';
import { handClock } from '../support/hand-clock.js';

const status = (code: number) =>
  new StatusError(code, `${code}`, { headers: new Headers(), body: undefined, transient: code >= 500 });
const succeed = (call: HandCall) => call.succeed();

/** As many calls at once as the limit lets run, group after group, for so many seconds. */
function trial() {
  const clock = handClock();
  const limit = createAdaptiveLimit({ clock });
  const seconds = (count: number, ms: number, end: (call: HandCall) => void, early = 0) => {
    for (let at = 0; at < count * 1_000; at += ms) {
      const calls = Array.from({ length: limit.limit }, () => new HandCall(adaptConcurrency(limit)));
      clock.pass(1);
      for (const call of calls.slice(0, early)) call.succeed();
      clock.pass(ms - 1);
      for (const call of calls) end(call);
    }
    return limit.limit;
  };
  return { limit, seconds };
}

describe('bugs of other adaptive limits that this one does not have', () => {
  it.each([
    ['concurrency-limits #146: a call that was left', (call: HandCall) => call.leave()],
    ['concurrency-limits #146: a call that was aborted', (call: HandCall) => call.fail(new AbortError('enough'))],
    ['misk #1304: an answer that says it is the fault of the caller', (call: HandCall) => call.fail(status(404))],
    ['a call turned away on this side', (call: HandCall) => call.fail(new RejectedError('queue-full', 'full'))],
  ])('%s counts as a sign of load, or of none', (_, end) => {
    const { seconds } = trial();
    const learnt = seconds(5, 50, succeed);
    expect(learnt).toBeGreaterThan(20);
    expect(seconds(2, 10, end)).toBe(learnt);
    expect(seconds(10, 500, end)).toBe(learnt);
  });

  it.each([
    ['an answer that the server is overloaded', status(503)],
    ['a call that takes too long', new TimeoutError('attempt', 50)],
  ])('concurrency-limits #176, #126: %s does not lower the limit', (_, error) => {
    const { seconds } = trial();
    const learnt = seconds(5, 50, succeed);
    expect(seconds(10, 50, (call) => call.fail(error))).toBeLessThan(learnt / 2);
  });

  it('concurrency-limits #165: what calls take under load is taken for what they take at rest, for good', () => {
    const { limit, seconds } = trial();
    seconds(30, 400, succeed);
    seconds(60, 50, succeed);
    expect(limit.state.longMs).toBeLessThan(2 * 50);
    const before = limit.limit;
    expect(seconds(10, 400, succeed)).toBeLessThan(before / 2);
  });

  it('concurrency-limits #125: health checks, which take no time, make all else look slow', () => {
    const [without, among] = [trial().seconds(60, 50, succeed), trial().seconds(60, 50, succeed, 2)];
    expect([without > 60, among]).toEqual([true, without]);
  });
});
