import type { Observable } from 'rxjs';

import { keepCalls, SharedCalls } from '../merge/shared-calls.js';
import { readOptions } from '../options.js';
import { WatchedState } from './watched-state.js';

/** In types alone: a coalescer of users fits no calls for orders. */
declare const RESULT: unique symbol;

/** What a {@link Coalescer} is doing and has done. */
export interface CoalescerState {
  /** Calls that can be joined now: they run and have not answered yet. */
  readonly running: number;
  /** Values that wait for these calls. */
  readonly waiting: number;
  /** Calls started so far. */
  readonly started: number;
  /** Values so far that joined a call instead of starting one. */
  readonly joined: number;
}

/** Calls in flight, shared by all subscriptions that are given it. Make one for each kind of call. */
export interface Coalescer<R> {
  /** A snapshot: it does not change afterwards. */
  readonly state: CoalescerState;
  /** The state now, then after each change; never completes. Costs nothing while nobody listens. */
  readonly changes: Observable<CoalescerState>;
  readonly [RESULT]?: (result: R) => R;
}

/** Settings for {@link createCoalescer}. */
export interface CoalescerOptions {
  /** What policy events call it. */
  readonly name?: string;
}

/**
 * Makes what subscriptions of `coalesceMap` share their calls through.
 *
 * It holds calls only while they run: there is nothing to save, to restore or to set anew.
 *
 * @throws ConfigError when an option is wrong
 */
export function createCoalescer<R>(options: CoalescerOptions = {}): Coalescer<R> {
  const { name }: CoalescerOptions = readOptions(options, ['name'], 'createCoalescer');
  const calls = new SharedCalls<R>(name);
  const watched = new WatchedState<CoalescerState>(() => ({
    running: calls.running,
    waiting: calls.waiting,
    started: calls.started,
    joined: calls.joined,
  }));
  const changed = (): void => watched.changed();
  calls.onChange = changed;
  const coalescer: Coalescer<R> = {
    get state() {
      return watched.current;
    },
    changes: watched.changes,
  };
  keepCalls(coalescer, calls);
  return coalescer;
}
