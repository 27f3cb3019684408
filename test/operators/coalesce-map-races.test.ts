import fc from 'fast-check';
import { type Observable, Subject, type Subscription } from 'rxjs';
import { describe, expect, it } from 'vitest';

import type { Clock } from '../../lib/core/clock.js';
import { createCoalescer } from '../../lib/core/policy/coalescer.js';
import { coalesceMap } from '../../operators/coalesce-map.js';

interface Call {
  readonly key: number;
  readonly answer: Subject<string>;
  readonly signal: AbortSignal;
  answered: boolean;
}

interface User {
  readonly source: Subject<number>;
  readonly limit: Subject<number>;
  readonly subscription: Subscription;
  readonly asked: number[];
  readonly received: string[];
}

/** A clock that counts the timers that wait, and lets them all ring. */
function countingClock() {
  const timers = new Set<() => void>();
  let nowMs = 0;
  const clock: Clock = {
    now: () => nowMs,
    after(_, run) {
      timers.add(run);
      return () => void timers.delete(run);
    },
  };
  const ring = () => {
    nowMs += 1_000;
    for (const run of timers) if (timers.delete(run)) run();
  };
  return { clock, ring, waiting: () => timers.size };
}

/** Subscriptions over one coalescer, and every call that they made. */
class World {
  readonly time = countingClock();
  readonly coalescer = createCoalescer<string>();
  readonly calls: Call[] = [];
  readonly users: User[] = [];
  /** Keys that were asked for again while their call could be joined. */
  readonly broken: number[] = [];

  join(): void {
    const source = new Subject<number>();
    const limit = new Subject<number>();
    const received: string[] = [];
    const project = (key: number, { signal }: { signal: AbortSignal }): Observable<string> => {
      // Noted rather than thrown: what a project throws is an error of its value.
      if (this.live(key).length > 0) this.broken.push(key);
      const call = { key, answer: new Subject<string>(), signal, answered: false };
      this.calls.push(call);
      return call.answer;
    };
    const options = {
      coalescer: this.coalescer,
      concurrency: limit,
      capacity: 5,
      deadlineMs: 1_000,
      clock: this.time.clock,
    };
    const result = source.pipe(coalesceMap(project, (key) => key % 3, options));
    const subscription = result.subscribe({ next: (text) => received.push(text), error: () => undefined });
    this.users.push({ source, limit, subscription, asked: [], received });
  }

  live(key?: number): Call[] {
    const isLive = (call: Call) => !call.answered && call.answer.observed;
    return this.calls.filter((call) => isLive(call) && (key === undefined || call.key % 3 === key % 3));
  }

  end(index: number, how: (call: Call) => void): void {
    const open = this.calls.filter(({ answer }) => answer.observed);
    const call = open[index % open.length];
    if (!call) return;
    call.answered = true;
    how(call);
  }

  check(): void {
    expect(this.broken).toEqual([]);
    expect(this.coalescer.state.running).toBe(this.live().length);
    for (const { answer, signal, answered } of this.calls) {
      // A call without anybody is over: its signal has aborted unless it ended by itself.
      if (!answer.observed && !answered) expect(signal.aborted).toBe(true);
      if (answer.observed) expect(signal.aborted).toBe(false);
    }
    for (const { received, asked } of this.users) {
      for (const text of received) expect(asked.map((key) => `${key % 3}`)).toContain(text);
    }
  }
}

const index = fc.nat(7);
const step = fc.oneof(
  fc.record({ kind: fc.constant('join'), index }),
  fc.record({ kind: fc.constantFrom('ask', 'ask', 'ask', 'leave', 'limit', 'complete source'), index, n: fc.nat(4) }),
  fc.record({ kind: fc.constantFrom('next', 'next', 'complete', 'error', 'ring'), index }),
);
type Step = { readonly kind: string; readonly index: number; readonly n?: number };

function act(world: World, { kind, index: at, n = 0 }: Step): void {
  if (kind === 'join') return world.join();
  if (kind === 'ring') return world.time.ring();
  if (kind === 'next') return world.end(at, ({ answer, key }) => answer.next(`${key % 3}`));
  if (kind === 'complete') return world.end(at, ({ answer }) => answer.complete());
  if (kind === 'error') return world.end(at, ({ answer }) => answer.error(new Error('lost')));
  const user = world.users[at % world.users.length];
  if (!user) return;
  if (kind === 'ask') {
    user.asked.push(n);
    user.source.next(n);
  } else if (kind === 'leave') user.subscription.unsubscribe();
  else if (kind === 'limit') user.limit.next(n);
  else user.source.complete();
}

describe('coalesceMap, whatever happens in whatever order', () => {
  it('shares no less and no more than it may, and leaves nothing behind', () => {
    const steps = fc.array(step, { maxLength: 60 });
    fc.assert(
      fc.property(steps, (script: Step[]) => {
        const world = new World();
        world.join();
        world.users[0]!.limit.next(2);
        for (const one of script) {
          act(world, one);
          world.check();
        }
        for (const { subscription } of world.users) subscription.unsubscribe();
        world.check();
        const open = world.calls.filter(({ answer }) => answer.observed).length;
        const sources = world.users.filter(({ source, limit }) => source.observed || limit.observed).length;
        expect([open, sources, world.time.waiting(), world.coalescer.state.running]).toEqual([0, 0, 0, 0]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('starts no more calls than the limit says when a place is taken', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(50)), { maxLength: 40 }), (script) => {
        const running = new Map<number, Subject<number>>();
        const limit = new Subject<number>();
        const source = new Subject<number>();
        const broken: number[] = [];
        let now = 0;
        const project = (key: number) => {
          if (running.size >= now) broken.push(key);
          const answer = new Subject<number>();
          running.set(key, answer);
          return answer;
        };
        const received: number[] = [];
        source.pipe(coalesceMap(project, (key) => key, { concurrency: limit })).subscribe((n) => received.push(n));
        const asked: number[] = [];
        const finish = ([key, answer]: [number, Subject<number>]) => {
          running.delete(key);
          answer.next(key);
          answer.complete();
        };
        for (const [kind, n] of script) {
          const first = [...running][n % Math.max(1, running.size)];
          if (kind === 0) limit.next((now = n % 4));
          else if (kind === 1 && first) finish(first);
          else source.next((asked.push(n), n));
        }
        limit.next((now = Infinity));
        while (running.size > 0) finish([...running][0]!);
        expect([received.toSorted(), broken]).toEqual([asked.toSorted(), []]);
      }),
      { numRuns: 1_000 },
    );
  });
});
