import { type Budget, type Clock, createBudget, exponential } from 'millrace';
import { createThrottle, retryBackoff, throttleClient, timeoutEach } from 'millrace/operators';
import type { MonoTypeOperatorFunction, Observable } from 'rxjs';

import { arrivals } from './engine/arrivals.ts';
import { Chance } from './engine/chance.ts';
import { Server } from './engine/server.ts';
import { Tally } from './engine/tally.ts';
import { VirtualClock } from './engine/virtual-clock.ts';

/** What each of the clients does around a call; made once per client. */
export type Care = (clock: Clock, chance: Chance) => MonoTypeOperatorFunction<number>;

export interface StormRow {
  readonly name: string;
  readonly clients: number;
  /** Seconds from the end of the fault until nine in ten calls succeed again for good; `Infinity`: not in this run. */
  readonly recoveredAfterS: number;
  /** Requests that reached the server per call that was made, in the worst ten seconds. */
  readonly peakLoad: number;
  /** The share of calls that succeeded, second by second. */
  readonly goodput: readonly number[];
}

const OFFERED = 700;
const FAULT = { from: 30, to: 40 };
const TIMEOUT_MS = 1000;
const backoff = exponential({ baseMs: 100, throttledBaseMs: 100, capMs: 1000 });

const attempt = (clock: Clock): MonoTypeOperatorFunction<number> => timeoutEach({ attemptMs: TIMEOUT_MS, clock });

function retrying(budgetOf: () => Budget | undefined): Care {
  return (clock, chance) => {
    const budget = budgetOf();
    const bound = timeoutEach<number>({ attemptMs: TIMEOUT_MS, clock });
    const retry = retryBackoff<number>({ backoff, clock, random: chance.uniform, ...(budget && { budget }) });
    return (source) => source.pipe(bound, retry);
  };
}

/** What clients may do, by the names of the plot. */
export const cares: Readonly<Record<string, Care>> = {
  'no retry': attempt,
  '3 attempts, no budget': retrying(() => undefined),
  '3 attempts, budget of ours': retrying(createBudget),
  // Does not bound the first attempts: what it saves is what retries add.
  'throttled clients, no retry': (clock, chance) => {
    const throttle = createThrottle({ clock, random: chance.uniform });
    return (source) => source.pipe(attempt(clock), throttleClient(throttle));
  },
};

/**
 * A service that is well at 70 % of its capacity is five times slower for ten seconds. Calls that have timed out are
 * still worked on, and clients that try again add to what waits.
 *
 * A hundred workers, 100 ms each: 1 000 calls a second; 700 come. `clients` share the calls out between them, each with
 * a budget of its own.
 */
export function simulateStorm(seed: number, name: string, clients: number, seconds: number): StormRow {
  const chance = new Chance(seed);
  const clock = new VirtualClock();
  const server = new Server({ clock, chance: chance.fork(), workers: 100, meanMs: 100 });
  const care = cares[name]!;
  const calls: Observable<number>[] = Array.from({ length: clients }, () =>
    server.call.pipe(care(clock, chance.fork())),
  );
  const made = new Tally();
  const succeeded = new Tally();
  const sent = new Tally();
  const picks = chance.fork();
  let before = 0;
  arrivals(clock, chance.fork(), OFFERED, () => {
    const atMs = clock.elapsedMs;
    made.add(atMs);
    calls[Math.floor(picks.uniform() * clients)]!.subscribe({
      next: () => succeeded.add(atMs),
      error: () => undefined,
    });
  });
  clock.after(FAULT.from * 1000, () => (server.slowness = 5));
  clock.after(FAULT.to * 1000, () => (server.slowness = 1));
  for (let second = 0; second < seconds; second++) {
    clock.runTo((second + 1) * 1000);
    sent.add(second * 1000, server.arrived - before);
    before = server.arrived;
  }
  const perSecond = made.perSecond(seconds);
  const goodput = succeeded.perSecond(seconds).map((count, second) => count / Math.max(1, perSecond[second]!));
  return {
    name,
    clients,
    recoveredAfterS: recovery(goodput),
    peakLoad: peak(sent.perSecond(seconds), perSecond),
    goodput,
  };
}

/** Calls of the last seconds may still be under way. */
const UNDECIDED_S = 5;

function recovery(goodput: readonly number[]): number {
  const decided = goodput.slice(0, -UNDECIDED_S);
  const lastBad = decided.findLastIndex((share) => share < 0.9);
  return lastBad === decided.length - 1 ? Infinity : Math.max(0, lastBad + 1 - FAULT.to);
}

function peak(sent: readonly number[], made: readonly number[]): number {
  let most = 0;
  for (let from = 0; from + 10 <= sent.length; from++) {
    const sum = (counts: readonly number[]): number => counts.slice(from, from + 10).reduce((a, b) => a + b, 0);
    most = Math.max(most, sum(sent) / sum(made));
  }
  return most;
}

export const stormFault = FAULT;
