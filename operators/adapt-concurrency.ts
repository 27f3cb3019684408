import { ConfigError } from '../lib/core/errors.js';
import type { FlowOperator } from '../lib/core/flow.js';
import { bulkheadOf } from '../lib/core/policy/adaptive-bulkhead.js';
import type { AdaptiveLimit } from '../lib/core/policy/adaptive-limit.js';
import type { PlaceOptions } from '../lib/core/policy/bulkhead-settings.js';
import { guard } from '../lib/core/policy/guarded-run.js';
import { PlaceGate } from '../lib/core/policy/place-gate.js';
import { tagged } from '../lib/core/policy/policy-tag.js';

/** Settings for {@link adaptConcurrency}. */
export interface AdaptConcurrencyOptions extends PlaceOptions {}

/**
 * Subscribes to a source when there is a place for it, and finds by itself how many places there are.
 *
 * - next: passed through.
 * - error: passed through, the same object; a failure of the server or the network is a sign of load. Turned away, the
 *   subscriber gets a `RejectedError`; one whose wait takes too long, a `TimeoutError`.
 * - complete: passed through; how long it took, its wait not counted, is what the limit learns from.
 * - unsubscribe: cancels the source and gives its place away; the limit learns nothing from it.
 *
 * It is {@link limitConcurrency} on one bulkhead per limit, with that bulkhead's defaults: twice the limit may wait,
 * for a second. For other bounds make the bulkhead yourself: `createBulkhead({ limit, ... })`.
 *
 * @param limit - made by {@link createAdaptiveLimit}; share one between all that call the same server
 * @param options - see {@link AdaptConcurrencyOptions}
 * @returns an operator that emits what the source emits
 * @throws ConfigError when it is no adaptive limit, or an option is wrong
 * @throws RejectedError `'queue-full'`
 * @throws TimeoutError `'queue'`
 * @see Netflix concurrency-limits, `Gradient2Limit`
 *
 * @example
 * ```ts
 * import { adaptConcurrency, createAdaptiveLimit } from 'millrace/operators';
 * import { lastValueFrom, of } from 'rxjs';
 *
 * const limit = createAdaptiveLimit({ max: 100 });
 * await lastValueFrom(of('answer').pipe(adaptConcurrency(limit))); // => 'answer'
 * limit.limit; // => 20
 * ```
 */
export function adaptConcurrency<T>(limit: AdaptiveLimit, options: AdaptConcurrencyOptions = {}): FlowOperator<T, T> {
  const where = 'adaptConcurrency';
  if (!limit?.named) throw new ConfigError(`${where}.limit`, 'must be what createAdaptiveLimit returned');
  return tagged(guard(new PlaceGate(bulkheadOf(limit), options, where)), where, limit);
}
