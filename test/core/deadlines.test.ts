import { describe, expect, it } from 'vitest';

import type { Clock } from '../../lib/core/clock.js';
import { Deadlines, Timed } from '../../lib/core/deadlines.js';
import type { VirtualTime } from '../../lib/testing/virtual-time.js';
import { marble } from '../support/marble.js';

/** Counts the timers that are set and neither over nor cancelled, and all that were ever set. */
function counted({ clock }: VirtualTime): Clock & { pending: number; set: number } {
  const counting = {
    pending: 0,
    set: 0,
    now: clock.now,
    after(ms: number, run: () => void): () => void {
      let over = false;
      const end = (): void => {
        if (!over) counting.pending--;
        over = true;
      };
      counting.pending++;
      counting.set++;
      const cancel = clock.after(ms, () => (end(), run()));
      return () => (end(), cancel());
    },
  };
  return counting;
}

class Limit extends Timed {
  readonly #run: () => void;
  constructor(run: () => void) {
    super();
    this.#run = run;
  }
  expire(): void {
    this.#run();
  }
}

/** A log of when each limit ran out, relative to the start. */
function setUp(t: VirtualTime) {
  const clock = counted(t);
  const deadlines = new Deadlines(clock);
  const startMs = clock.now();
  const log: [name: string, atMs: number][] = [];
  const limit = (name: string, then: () => void = () => undefined): Limit =>
    new Limit(() => {
      log.push([name, clock.now() - startMs]);
      then();
    });
  return { clock, deadlines, log, limit, at: (ms: number, run: () => void) => t.clock.after(ms, run) };
}

describe('Deadlines', () => {
  marble('run out exactly on time, in the order of their times', (t) => {
    const { deadlines, log, limit, at, clock } = setUp(t);
    deadlines.arm(limit('a'), 10);
    deadlines.arm(limit('b'), 5);
    at(3, () => deadlines.arm(limit('c'), 5));
    at(4, () => deadlines.arm(limit('d'), 10));
    t.flush();
    expect(log).toEqual([
      ['b', 5],
      ['c', 8],
      ['a', 10],
      ['d', 14],
    ]);
    expect(clock.pending).toBe(0);
  });

  marble('share one timer per duration', (t) => {
    const { deadlines, log, limit, clock } = setUp(t);
    for (let n = 0; n < 1_000; n++) deadlines.arm(limit('a'), n % 2 === 0 ? 10 : 20);
    expect(clock.pending).toBe(2);
    t.flush();
    expect([log.length, clock.set]).toEqual([1_000, 2]);
  });

  marble('leave no timer behind when all are disarmed', (t) => {
    const { deadlines, log, limit, clock } = setUp(t);
    const all = [limit('a'), limit('b'), limit('c')];
    for (const one of all) deadlines.arm(one, 10);
    for (const one of [all[1]!, all[0]!, all[2]!, all[0]!]) deadlines.disarm(one);
    expect(clock.pending).toBe(0);
    t.flush();
    expect(log).toEqual([]);
  });

  marble('start anew when armed again, with the same duration or another, on the timer that runs', (t) => {
    const { deadlines, log, limit, at, clock } = setUp(t);
    const idle = limit('idle');
    const moved = limit('moved');
    deadlines.arm(idle, 10);
    deadlines.arm(moved, 10);
    for (let ms = 1; ms <= 50; ms++) at(ms, () => deadlines.arm(idle, 10));
    at(5, () => deadlines.arm(moved, 3));
    t.flush();
    expect(log).toEqual([
      ['moved', 8],
      ['idle', 60],
    ]);
    expect(clock.pending).toBe(0);
    expect(clock.set).toBeLessThan(12);
  });

  marble('keep the others when the first, the last or one between is disarmed', (t) => {
    const { deadlines, log, limit } = setUp(t);
    const all = ['a', 'b', 'c', 'd', 'e'].map((name) => limit(name));
    for (const one of all) deadlines.arm(one, 10);
    for (const index of [0, 2, 4]) deadlines.disarm(all[index]!);
    t.flush();
    expect(log).toEqual([
      ['b', 10],
      ['d', 10],
    ]);
  });

  marble('can be armed and disarmed from within one that runs out, and still need one timer', (t) => {
    const { deadlines, log, limit, at, clock } = setUp(t);
    const [later, never] = [limit('later'), limit('never')];
    deadlines.arm(
      limit('first', () => {
        deadlines.arm(later, 10);
        deadlines.disarm(never);
      }),
      10,
    );
    at(5, () => deadlines.arm(limit('second'), 10));
    at(6, () => deadlines.arm(never, 10));
    at(12, () => expect(clock.pending).toBe(1));
    t.flush();
    expect(log).toEqual([
      ['first', 10],
      ['second', 15],
      ['later', 20],
    ]);
  });

  marble('can arm themselves again when they run out', (t) => {
    const { deadlines, log, limit, clock } = setUp(t);
    const tick: Limit = limit('tick', () => (log.length < 3 ? deadlines.arm(tick, 10) : undefined));
    deadlines.arm(tick, 10);
    t.flush();
    expect(log.map(([, atMs]) => atMs)).toEqual([10, 20, 30]);
    expect(clock.pending).toBe(0);
  });

  marble('go on after one of them throws', (t) => {
    const { deadlines, log, limit } = setUp(t);
    const lost = new Error('lost');
    const throwing = limit('throws', () => {
      throw lost;
    });
    deadlines.arm(throwing, 10);
    deadlines.arm(limit('next'), 10);
    expect(() => t.flush()).toThrow(lost);
    expect(log).toEqual([['throws', 10]]);
  });

  marble('never run out when the limit is Infinity', (t) => {
    const { deadlines, log, limit, clock } = setUp(t);
    const one = limit('a');
    deadlines.arm(one, 5);
    deadlines.arm(one, Infinity);
    expect(clock.pending).toBe(0);
    t.flush();
    expect(log).toEqual([]);
  });

  it('keep the limits of the others after one of them throws', () => {
    const timers: (() => void)[] = [];
    const clock: Clock = { now: () => 0, after: (_, run) => (timers.push(run), () => undefined) };
    const deadlines = new Deadlines(clock);
    let ran = false;
    deadlines.arm(
      new Limit(() => {
        throw new Error('lost');
      }),
      0,
    );
    deadlines.arm(new Limit(() => (ran = true)), 0);
    expect(timers.shift()).toThrow('lost');
    timers.shift()!();
    expect(ran).toBe(true);
  });
});
