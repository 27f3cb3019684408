import type { FlowOperator } from '../lib/core/flow.js';
import type { Bulkhead } from '../lib/core/policy/bulkhead.js';
import type { BulkheadGate } from '../lib/core/policy/bulkhead-gate.js';
import type { PlaceOptions } from '../lib/core/policy/bulkhead-settings.js';
import { guard } from '../lib/core/policy/guarded-run.js';
import { gateOf } from '../lib/core/policy/permit.js';
import { PlaceGate } from '../lib/core/policy/place-gate.js';
import { tagged } from '../lib/core/policy/policy-tag.js';

/** Settings for {@link limitConcurrency}. */
export interface LimitConcurrencyOptions extends PlaceOptions {}

/**
 * Subscribes to a source when there is a place for it among those that run.
 *
 * - next: passed through.
 * - error: passed through, the same object. Turned away, the subscriber gets a `RejectedError`; one whose wait takes
 *   too long, a `TimeoutError`.
 * - complete: passed through; the place goes to the next before it.
 * - unsubscribe: cancels the source and gives its place away; one that waits leaves the line at once.
 *
 * A place is taken at subscription and given back exactly once. Those that wait are served in the order of their
 * coming, and the newest first where the line has not been empty for 100 ms; then the oldest have to go, one by one,
 * while waits stay above 5 ms. Keys take turns, and more urgent calls go first without starving others. When too many
 * wait, the key with the most waiting gives up one.
 *
 * @param bulkhead - made by {@link createBulkhead}; share one between all that use the same resource
 * @param options - see {@link LimitConcurrencyOptions}
 * @returns an operator that emits what the source emits
 * @throws ConfigError when it is no bulkhead, or an option is wrong
 * @throws RejectedError `'queue-full'`
 * @throws TimeoutError `'queue'`
 * @throws what an Observable of limits fails with
 * @see Maurer, "Fail at Scale" (2015) for adaptive LIFO; RFC 8289 (CoDel) and RFC 8290 (a queue per key)
 *
 * @example
 * ```ts
 * import { createBulkhead, limitConcurrency } from 'millrace/operators';
 * import { lastValueFrom, of } from 'rxjs';
 *
 * const bulkhead = createBulkhead({ limit: 2 });
 * await lastValueFrom(of('answer').pipe(limitConcurrency(bulkhead))); // => 'answer'
 * bulkhead.state.running; // => 0
 * ```
 */
export function limitConcurrency<T>(bulkhead: Bulkhead, options: LimitConcurrencyOptions = {}): FlowOperator<T, T> {
  const where = 'limitConcurrency';
  const gate = gateOf<BulkheadGate>(bulkhead, `${where}.bulkhead`, 'createBulkhead');
  return tagged(guard(new PlaceGate(gate, options, where)), where, bulkhead);
}
