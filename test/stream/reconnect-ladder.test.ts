import { describe, expect, it } from 'vitest';

import { StatusError } from '../../lib/core/answer-errors.js';
import { createBudget } from '../../lib/core/budget.js';
import { NetworkError } from '../../lib/core/errors.js';
import { type PolicyEvent, policyEvents } from '../../lib/core/policy/policy-events.js';
import { type LadderRules, ReconnectLadder } from '../../lib/stream/reconnect-ladder.js';
import { seededRandom } from '../../lib/testing/seeded-random.js';
import { handClock } from '../support/hand-clock.js';

const clock = handClock();
const headers = new Headers();

function ladder(changes: Partial<LadderRules> = {}): ReconnectLadder {
  return new ReconnectLadder({
    ...{ baseMs: 500, capMs: 60_000, stableMs: 30_000, provenMs: 10_000, attempts: Infinity },
    ...{ maxRetryAfterMs: 3_600_000, budget: undefined, clock, random: () => 1, policy: 'test', ...changes },
  });
}

const lost = (retryAfterMs?: number): NetworkError => new NetworkError('lost', 'receive', { retryAfterMs });
const waits = (of: ReconnectLadder, count: number): number[] => Array.from({ length: count }, () => of.next(lost()));

/** A connection that lasts so long, with a message or without. */
function connection(of: ReconnectLadder, ms: number, message: boolean): number {
  of.opened();
  if (message) of.heard();
  clock.pass(ms);
  return of.next(undefined);
}

describe('ReconnectLadder', () => {
  it('doubles from 500 ms to 60 s', () => {
    expect(waits(ladder(), 9)).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  });

  it('draws each wait from 0 to the full length', () => {
    expect(waits(ladder({ random: () => 0 }), 3)).toEqual([0, 0, 0]);
    expect(waits(ladder({ random: () => 0.25 }), 3)).toEqual([125, 250, 500]);
  });

  it('begins at a second after a 429', () => {
    const busy = new StatusError(429, 'busy', { headers, body: undefined });
    expect(ladder().next(busy)).toBe(1000);
  });

  it('does not begin anew because a connection opens', () => {
    const one = ladder();
    expect([connection(one, 9_999, false), connection(one, 29_999, false)]).toEqual([500, 1000]);
  });

  it('does not begin anew because a first message comes', () => {
    const one = ladder();
    expect([connection(one, 0, true), connection(one, 9_999, true)]).toEqual([500, 1000]);
  });

  // jitsi-videobridge #2415, destinygg/chat-gui #872, OpenFrontIO #5268: reset by `open` alone, 2,401 sockets in 120 s.
  it('begins anew after 30 s, or after 10 s and a message', () => {
    const one = ladder();
    waits(one, 4);
    expect([connection(one, 30_000, false), connection(one, 0, true)]).toEqual([500, 1000]);
    expect([connection(one, 10_000, true), connection(one, 0, true)]).toEqual([500, 1000]);
  });

  it('does not count how long an attempt took that never opened', () => {
    const one = ladder();
    one.next(lost());
    clock.pass(100_000);
    expect(one.next(lost())).toBe(1000);
  });

  it('takes what the server asks for as a floor, with jitter above it only', () => {
    const random = seededRandom(5);
    const one = ladder({ random });
    one.floor(2000);
    const first = waits(one, 1)[0]!;
    expect(first).toBeGreaterThanOrEqual(2000);
    expect(first).toBeLessThan(2200);
    const none = ladder({ random: () => 0 });
    none.floor(2000);
    expect(waits(none, 3)).toEqual([2000, 2000, 2000]);
    none.floor(0);
    expect(waits(none, 1)).toEqual([0]);
  });

  it('cuts a floor beyond the longest wait', () => {
    const one = ladder({ random: () => 0, maxRetryAfterMs: 5000 });
    one.floor(1e300);
    expect(one.next(lost())).toBe(5000);
  });

  it('obeys Retry-After, and gives up beyond the longest wait', () => {
    const one = ladder({ random: () => 0, maxRetryAfterMs: 5000 });
    expect(one.next(lost(5000))).toBe(5000);
    const error = lost(5001);
    expect(one.next(error)).toBe(-1);
    expect(error.retryAt).toEqual(new Date(clock.now() + 5001));
  });

  it('ends after so many connections in a row', () => {
    const one = ladder({ attempts: 3 });
    expect(waits(one, 3)).toEqual([500, 1000, -1]);
    const other = ladder({ attempts: 2 });
    expect(connection(other, 30_000, false)).toBe(500);
    expect(connection(other, 30_000, false)).toBe(500);
    expect(connection(other, 0, false)).toBe(-1);
  });

  it('pays for each wait, and draws from the whole cap when the budget is empty', () => {
    const budget = createBudget({ capacity: 2 });
    const one = ladder({ budget });
    expect(waits(one, 3)).toEqual([500, 1000, 60_000]);
    expect(ladder({ budget, random: () => 0.5 }).next(undefined)).toBe(30_000);
  });

  it('gets back what it paid when a message comes, once', () => {
    const budget = createBudget({ capacity: 5 });
    const one = ladder({ budget });
    waits(one, 2);
    expect(budget.state.level).toBe(3);
    one.opened();
    one.heard();
    one.heard();
    expect(budget.state.level).toBe(4);
  });

  it('gets back what it paid when a silent connection was stable', () => {
    const budget = createBudget({ capacity: 1 });
    const one = ladder({ budget });
    one.next(lost());
    expect(connection(one, 30_000, false)).toBe(500);
    expect(budget.state).toMatchObject({ level: 0, taken: 2, refused: 0 });
  });

  it('gets back what it paid when the wait is cut, once', () => {
    const budget = createBudget({ capacity: 5 });
    const one = ladder({ budget });
    waits(one, 2);
    one.abandon();
    one.abandon();
    expect(budget.state.level).toBe(4);
  });

  it('earns with the message of a first connection, and only with that', () => {
    const budget = createBudget({ capacity: 5, earn: 0.1 });
    budget.take();
    const one = ladder({ budget });
    one.opened();
    one.heard();
    expect(budget.state.level).toBe(4.1);
    one.next(lost());
    one.opened();
    one.heard();
    expect(budget.state.level).toBe(4.1);
  });

  it('tells of its waits', () => {
    const told: PolicyEvent[] = [];
    const listening = policyEvents.subscribe((event) => told.push(event));
    const error = lost();
    ladder().next(error);
    listening.unsubscribe();
    expect(told).toMatchObject([{ type: 'retry', policy: 'test', attempt: 1, delayMs: 500, error }]);
  });

  it('gives the same waits for the same seed', () => {
    expect(waits(ladder({ random: seededRandom(3) }), 12)).toEqual(waits(ladder({ random: seededRandom(3) }), 12));
  });
});
