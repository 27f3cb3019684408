import { ConfigError } from '../errors.js';
import type { Project } from '../project.js';
import { type CallHost, SharedCall } from './shared-call.js';
import type { Waiter } from './waiter.js';

/** The calls that can be joined, by what they ask for. */
export class SharedCalls<R> implements CallHost<R> {
  started = 0;
  joined = 0;
  readonly name: string | undefined;
  /** Told of each change; set by whoever watches. */
  onChange: (() => void) | undefined;
  readonly #calls = new Map<unknown, SharedCall<R>>();

  constructor(name: string | undefined) {
    this.name = name;
  }

  get running(): number {
    return this.#calls.size;
  }

  get waiting(): number {
    let waiting = 0;
    for (const call of this.#calls.values()) waiting += call.waiting;
    return waiting;
  }

  /** How many wait for a key; 0 when there is no call to join. */
  waitingFor(key: unknown): number {
    return this.#calls.get(key)?.waiting ?? 0;
  }

  /** Lets all of them join the call for a key, or starts it for them. */
  join<T>(key: unknown, waiters: readonly Waiter<R>[], project: Project<T, R>, value: T): void {
    const running = this.#calls.get(key);
    const call = running ?? new SharedCall<R>(key, this);
    for (const waiter of waiters) waiter.join(call);
    this.joined += waiters.length;
    if (running) return this.changed();
    this.#calls.set(key, call);
    this.started++;
    this.joined--;
    this.changed();
    call.start(project, value);
  }

  closed(call: SharedCall<R>): void {
    this.#calls.delete(call.key);
    this.changed();
  }

  changed(): void {
    this.onChange?.();
  }
}

// Kept beside the handles that users hold, so that their types need not show what is in here.
const callsOf = /* @__PURE__ */ new WeakMap<object, SharedCalls<unknown>>();

export function keepCalls<R>(handle: object, calls: SharedCalls<R>): void {
  callsOf.set(handle, calls as SharedCalls<unknown>);
}

/** @throws ConfigError, naming the field, when nothing is kept for the handle */
export function sharedCallsOf<R>(handle: object, field: string): SharedCalls<R> {
  const calls = callsOf.get(handle);
  if (!calls) throw new ConfigError(field, 'make it with createCoalescer()');
  return calls as SharedCalls<R>;
}
