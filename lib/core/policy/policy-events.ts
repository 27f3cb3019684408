import { Observable, Subject } from 'rxjs';

import type { RejectedWhy, TimeoutKind } from '../errors.js';

/** What policies decide, by the type of event that tells it. */
interface Decisions {
  /** A call has to wait for a place; `waiting` counts it in. */
  readonly queued: { readonly waiting: number };
  /** A call was turned away before it was sent. */
  readonly rejected: { readonly why: RejectedWhy };
  /** Another attempt follows, `delayMs` from now. `attempt` is the one that failed, counted from 1. */
  readonly retry: { readonly attempt: number; readonly delayMs: number; readonly error: unknown };
  /** A second attempt starts beside one that still runs. `attempt` is the new one, counted from 1. */
  readonly hedge: { readonly attempt: number; readonly afterMs: number };
  /** A time limit ran out. */
  readonly timeout: { readonly which: TimeoutKind; readonly limitMs: number };
  /** A breaker, or what pauses a stream, changed its state. */
  readonly state: { readonly from: string; readonly to: string };
  /** A limit on concurrency or rate changed. */
  readonly limit: { readonly from: number; readonly to: number };
  /** What a server said holds calls back until then. Unit: milliseconds since 1970. */
  readonly held: { readonly untilMs: number };
  /** Something else took the place of a failed call. */
  readonly fallback: { readonly error: unknown };
  /** A call joined one that runs already; `waiters` counts it in. */
  readonly joined: { readonly waiters: number };
}

/** Common to all policy events. */
interface Told<K extends keyof Decisions> {
  readonly type: K;
  /** The operator that decided, such as `breakCircuit`; `retry` for a client's own. */
  readonly policy: string;
  /** The `name` option of the operator or its shared state. */
  readonly name: string | undefined;
  /** When, on the policy's clock. Unit: milliseconds since 1970. */
  readonly atMs: number;
}

/** One decision of a policy: told apart by `type`. */
export type PolicyEvent = { readonly [K in keyof Decisions]: Told<K> & Decisions[K] }[keyof Decisions];

const listeners = /* @__PURE__ */ new Subject<PolicyEvent>();

/**
 * What all policies of this process decide, as it happens: retries, hedges, rejections, changes of state.
 *
 * Never completes. Costs nothing while nobody listens: no event object is made.
 */
export const policyEvents: Observable<PolicyEvent> = /* @__PURE__ */ new Observable((subscriber) =>
  listeners.subscribe(subscriber),
);

/** Whether anybody listens: asked before an event object is made. */
export function isWatched(): boolean {
  return listeners.observed;
}

export function tell(event: PolicyEvent): void {
  listeners.next(event);
}
