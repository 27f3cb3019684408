import type { FlowOperator } from '../lib/core/flow.js';
import { flowOperator } from '../lib/core/flow-operator.js';
import { hedgePolicyOf } from '../lib/core/policy/hedge.js';
import { HedgeRun } from '../lib/core/policy/hedge-run.js';
import type { Hedge } from '../lib/core/policy/hedge-types.js';
import { tagged } from '../lib/core/policy/policy-tag.js';

/**
 * Subscribes to the source a second time where it takes longer than most calls do, and emits what comes first.
 *
 * - next: the first value that is not a progress event wins, and its attempt goes on alone; the others are cancelled.
 * - error: one that may pass starts the hedge at once and lets a running one go on; any other ends the call at once.
 *   When all attempts have failed, the first one's error is passed on, the same object.
 * - complete: passed through; an attempt that completes without a value wins too.
 * - unsubscribe: cancels every attempt; no hedge starts any more.
 *
 * For calls that may be made twice only: reads, or calls with an idempotency key. The source must be cold. A hedge
 * costs 1 of its own budget, a share of all calls, and 1 of the shared one; where they cannot pay, the call goes on
 * without. A hedge that is turned away on this side does not harm the call. Demand is kept in `.via()`; a call that
 * nothing is asked of is not hedged.
 *
 * @param shared - made by {@link createHedge}; share it between all calls of one kind
 * @returns an operator that emits what the winner emits
 * @throws ConfigError when it gets no hedge
 * @throws the source's errors, the same objects
 * @see Jeffrey Dean and Luiz André Barroso, "The Tail at Scale" (2013); gRPC proposal A6 for failures
 *
 * @example
 * ```ts
 * import { createHedge, hedge } from 'millrace/operators';
 * import { defer, delay, lastValueFrom, of } from 'rxjs';
 *
 * let calls = 0;
 * const price$ = defer(() => of(++calls).pipe(delay(calls === 1 ? 1_000 : 1))); // only the first one is slow
 * await lastValueFrom(price$.pipe(hedge(createHedge({ delayMs: 10 })))); // => 2
 * ```
 */
export function hedge<T>(shared: Hedge): FlowOperator<T, T> {
  const policy = hedgePolicyOf(shared);
  return tagged(
    flowOperator((source, to) => new HedgeRun(source, to, policy).run()),
    'hedge',
    shared,
  );
}
