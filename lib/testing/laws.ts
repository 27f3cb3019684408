import { concat, EMPTY, NEVER, Observable, of, type OperatorFunction, Subject, takeUntil, throwError } from 'rxjs';

import type { Clock } from '../core/clock.js';
import type { Expect, Runner } from './runner.js';
import { virtualTime, type VirtualTime } from './virtual-time.js';

/** The laws, by the names that {@link LawOptions.except} takes. */
export type OperatorLaw = 'lazy' | 'unshared' | 'released' | 'stopped' | 'same-error' | 'empty' | 'silent';

/** Settings for {@link obeysTheOperatorLaws}. */
export interface LawOptions extends Runner {
  /** Laws that the operator breaks by its nature: they are left out. */
  readonly except?: readonly OperatorLaw[];
}

/** Makes the operator anew for each law; `clock` is the one its time runs on, for operators that take one. */
type Make = (clock: Clock) => OperatorFunction<number, unknown>;
type Signal = readonly [atMs: number, kind: 'next' | 'error' | 'complete', value?: unknown];

interface Trial extends VirtualTime {
  readonly expect: Expect;
  /** Timers that were set and have neither run nor been cancelled. */
  timers(): number;
}

const LEAVES_MS = 60_000;
const MOST_TIMERS = 10_000;
const MOST_VALUES = 1_000;

/** Subscribes, leaves after a minute at the latest, and notes what came and when. */
function record({ clock }: Trial, shown: Observable<unknown>): Signal[] {
  const signals: Signal[] = [];
  const startMs = clock.now();
  const note = (kind: Signal[1], value?: unknown): void => void signals.push([clock.now() - startMs, kind, value]);
  const subscription = shown.subscribe({
    next: (value) => note('next', value),
    error: (error: unknown) => note('error', error),
    complete: () => note('complete'),
  });
  const cancel = clock.after(LEAVES_MS, () => subscription.unsubscribe());
  subscription.add(cancel);
  return signals;
}

const LAWS: Record<OperatorLaw, readonly [title: string, holds: (t: Trial, make: Make) => void]> = {
  lazy: [
    'does nothing until it is subscribed',
    (t, make) => {
      const source = t.cold<number>('a|', { a: 1 });
      make(t.clock)(source);
      t.expect({ subscriptions: source.subscriptions.length, timers: t.timers() }).toEqual({
        subscriptions: 0,
        timers: 0,
      });
    },
  ],
  unshared: [
    'shares no state between subscriptions',
    (t, make) => {
      const values = { a: 1, b: 2, c: 1, d: 3 };
      const operator = make(t.clock);
      const shown = operator(t.cold<number>('-a-b-c-d-|', values));
      const runs = [record(t, shown)];
      t.clock.after(4, () => runs.push(record(t, shown))); // while the first one runs
      t.clock.after(4, () => runs.push(record(t, operator(t.cold<number>('-a-b-c-d-|', values)))));
      t.clock.after(2 * LEAVES_MS, () => runs.push(record(t, shown))); // when it is over
      t.flush();
      t.expect(runs).toEqual(runs.map(() => runs[0]));
    },
  ],
  released: [
    'releases the source and its timers when the subscriber leaves',
    (t, make) => {
      const source = t.cold<number>('-a-b-c-', { a: 1, b: 2, c: 3 });
      const subscription = make(t.clock)(source).subscribe({ error: () => undefined });
      t.clock.after(4, () => {
        subscription.unsubscribe();
        const open = source.subscriptions.filter(({ unsubscribedFrame }) => unsubscribedFrame === Infinity).length;
        t.expect({ open, timers: t.timers() }).toEqual({ open: 0, timers: 0 });
      });
      t.flush();
    },
  ],
  stopped: [
    'stops a synchronous endless source at once',
    (t, make) => {
      const stop = new Subject<void>();
      let sent = 0;
      const endless = new Observable<number>((subscriber) => {
        while (!subscriber.closed && sent < MOST_VALUES) {
          sent++;
          if (sent === 5) stop.next();
          subscriber.next(sent);
        }
      });
      make(t.clock)(endless)
        .pipe(takeUntil(stop))
        .subscribe({ error: () => undefined });
      t.flush();
      t.expect(`${Math.max(sent, 5)} values taken`).toEqual('5 values taken');
    },
  ],
  'same-error': [
    'passes a foreign error on as the same object',
    (t, make) => {
      const foreign = Object.freeze(new Error('foreign'));
      const failing = throwError(() => foreign);
      const runs = [failing, concat(of(1), failing)].map((source) => record(t, make(t.clock)(source)));
      t.flush();
      const same = runs.map((signals) => signals.at(-1)?.[1] === 'error' && signals.at(-1)?.[2] === foreign);
      t.expect({ same }).toEqual({ same: [true, true] });
    },
  ],
  empty: [
    'completes when the source is empty',
    (t, make) => {
      const signals = record(t, make(t.clock)(EMPTY));
      t.flush();
      t.expect(signals.map(([, kind]) => kind).filter((kind) => kind !== 'next')).toEqual(['complete']);
    },
  ],
  silent: [
    'stays silent while the source is silent',
    (t, make) => {
      const signals = record(t, make(t.clock)(NEVER));
      t.flush();
      t.expect(signals).toEqual([]);
    },
  ],
};

/** Counts timers, and refuses to run for ever where an operator keeps setting them. */
function trial(t: VirtualTime, expect: Expect): Trial {
  const pending = new Set<object>();
  let set = 0;
  const after: Clock['after'] = (ms, run) => {
    if (++set > MOST_TIMERS) throw new Error(`the operator set more than ${MOST_TIMERS} timers`);
    const timer = {};
    pending.add(timer);
    const cancel = t.clock.after(ms, () => {
      pending.delete(timer);
      run();
    });
    return () => {
      pending.delete(timer);
      cancel();
    };
  };
  return { ...t, clock: { now: t.clock.now, after }, expect, timers: () => pending.size };
}

/**
 * Registers one test per law that an operator must obey: it is lazy, shares no state between subscriptions, releases
 * what it holds, stops a synchronous endless source at once, passes foreign errors on as the same object, completes
 * when the source is empty, and stays silent while the source is.
 *
 * The source's values are small numbers. All runs in virtual time: hand the `clock` on to an operator that takes one.
 *
 * @param make - makes the operator, as in `() => retryBackoff()` or `(clock) => batch({ maxWaitMs: 5, clock })`
 * @param options - the runner's `it` and `expect`, and the laws to leave out
 *
 * @example
 * ```ts
 * import { strict as assert } from 'node:assert';
 * import { map } from 'rxjs';
 * import { obeysTheOperatorLaws } from 'millrace/testing';
 *
 * const laws: Promise<void>[] = [];
 * const it = (_title: string, body: () => Promise<void>) => laws.push(body());
 * const expect = (actual: unknown) => ({ toEqual: (expected: unknown) => assert.deepEqual(actual, expected) });
 * obeysTheOperatorLaws(() => map((n) => n + 1), { it, expect, except: ['silent'] });
 * (await Promise.all(laws)).length; // => 6
 * ```
 */
export function obeysTheOperatorLaws(make: Make, options: LawOptions): void {
  const { it, expect, except = [] } = options;
  for (const [name, [title, holds]] of Object.entries(LAWS)) {
    if (except.includes(name as OperatorLaw)) continue;
    it(title, async () => virtualTime(expect, (t) => holds(trial(t, expect), make)));
  }
}
