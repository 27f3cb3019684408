import { setImmediate as turn } from 'node:timers/promises';

import { vi } from 'vitest';

import type { Clock } from '../../lib/core/clock.js';
import { WholeBody } from '../../lib/codec/whole-body.js';
import { Deadlines, Timed } from '../../lib/core/deadlines.js';
import { DebounceRun } from '../../lib/core/debounce-run.js';
import type { Demand, FlowSubscriber, Publisher } from '../../lib/core/demand.js';
import { HeldCall } from '../../lib/core/held-call.js';
import { OrderedMerge } from '../../lib/core/ordered-merge.js';
import { Outlet } from '../../lib/core/outlet.js';
import { LazyContext } from '../../lib/core/project.js';
import { RetryRun } from '../../lib/core/retry-run.js';
import { Ring } from '../../lib/core/ring.js';
import { Slot } from '../../lib/core/slots.js';
import { Waiting } from '../../lib/core/waiting.js';
import { Attempt } from '../../lib/http/attempt.js';
import { AttemptHops } from '../../lib/http/attempt-hops.js';
import { AttemptTimes } from '../../lib/http/attempt-times.js';
import { BodyReader } from '../../lib/http/body-reader.js';
import { Run } from '../../lib/http/run.js';
import { ValueReceiver } from '../../lib/http/value-receiver.js';
import { gc } from './gc.js';

type Class = abstract new (...args: never[]) => object;
type Method = (this: unknown, ...args: unknown[]) => unknown;

const OURS: readonly Class[] = [
  ...[DebounceRun, Deadlines, HeldCall, LazyContext, OrderedMerge, Outlet, RetryRun, Ring, Slot, Timed, Waiting],
  ...[Attempt, AttemptHops, AttemptTimes, BodyReader, Run, ValueReceiver, WholeBody],
];
const SCANS = ['indexOf', 'includes', 'find', 'findIndex', 'filter', 'splice', 'shift', 'unshift'] as const;

/** How often things happened. */
export class Counts {
  readonly #times = new Map<string, number>();

  add(what: string, times = 1): void {
    this.#times.set(what, (this.#times.get(what) ?? 0) + times);
  }

  get(what: string): number {
    return this.#times.get(what) ?? 0;
  }

  /** What grew faster than a run of a tenth of the items lets expect: n log n would be 15 times as often. */
  beyond(few: Counts): string[] {
    return [...this.#times]
      .filter(([what, times]) => times > 11 * few.get(what))
      .map(([what, times]) => `${what}: ${few.get(what)}, then ${times}`);
  }
}

/** Puts a function in the place of another one. @returns puts the other one back */
function replace(holder: object, name: string, make: (before: Method) => Method): () => void {
  const before = Reflect.get(holder, name) as Method;
  const own = Object.getOwnPropertyDescriptor(holder, name)!;
  Object.defineProperty(holder, name, { ...own, value: make(before) });
  return () => void Object.defineProperty(holder, name, own);
}

/** Objects of our classes, seen by calls of their methods. */
class Objects {
  readonly #seen = new WeakSet<object>();
  readonly #all: WeakRef<object>[] = [];

  /** @returns whether it is new */
  see(one: object): boolean {
    if (this.#seen.has(one)) return false;
    this.#seen.add(one);
    this.#all.push(new WeakRef(one));
    return true;
  }

  /** How many of them something still holds, when what runs has had its turns. */
  async left(): Promise<number> {
    let left = this.#all.length;
    for (let turns = 0; turns < 10 && left > 0; turns++) {
      await turn();
      gc();
      left = this.#all.filter((one) => one.deref() !== undefined).length;
    }
    return left;
  }
}

/** Counts our objects, calls of their methods, and how many elements of arrays are looked at to find or move one. */
function watch(counts: Counts, objects: Objects): () => void {
  const undo = OURS.flatMap(({ prototype }) =>
    Object.entries(Object.getOwnPropertyDescriptors(prototype as object))
      .filter(([name, { value }]) => name !== 'constructor' && typeof value === 'function')
      .map(([name]) =>
        replace(prototype as object, name, (before) => {
          return function (this: unknown, ...args) {
            counts.add('calls of our methods');
            if (objects.see(this as object)) counts.add('objects of ours');
            return before.apply(this, args);
          };
        }),
      ),
  );
  for (const name of SCANS) {
    const scan = (before: Method): Method =>
      function (this: unknown, ...args) {
        counts.add('elements of arrays', (this as unknown[]).length + 1);
        return before.apply(this, args);
      };
    undo.push(replace(Array.prototype, name, scan));
  }
  class CountedController extends AbortController {
    constructor() {
      super();
      counts.add('abort controllers');
    }
  }
  vi.stubGlobal('AbortController', CountedController);
  return () => {
    for (const one of undo.toReversed()) one();
    vi.unstubAllGlobals();
  };
}

/** Does `n` items of a job, and counts. `left` is how many objects of ours the job leaves behind. */
export async function counted(job: (n: number, counts: Counts) => unknown, n: number): Promise<[Counts, left: number]> {
  const counts = new Counts();
  const objects = new Objects();
  const undo = watch(counts, objects);
  try {
    await job(n, counts);
  } finally {
    undo();
  }
  return [counts, await objects.left()];
}

/** A clock that counts the timers that are set. */
export function countingTimers(clock: Clock, counts: Counts): Clock {
  const after = (ms: number, run: () => void): (() => void) => {
    counts.add('timers');
    return clock.after(ms, run);
  };
  return { now: () => clock.now(), after };
}

/** A publisher that counts what is asked of it, and how often. */
export function countingRequests<T>(source: Publisher<T>, counts: Counts): Publisher<T> {
  const heard = (demand: Demand): Demand => ({
    request(n) {
      counts.add('requests');
      demand.request(n);
    },
    cancel: () => demand.cancel(),
  });
  return {
    subscribe: (to: FlowSubscriber<T>) => {
      counts.add('subscriptions to sources');
      source.subscribe({
        onSubscribe: (demand) => to.onSubscribe(heard(demand)),
        onNext: (value) => to.onNext(value),
        onError: (error) => to.onError(error),
        onComplete: () => to.onComplete(),
      });
    },
  };
}
