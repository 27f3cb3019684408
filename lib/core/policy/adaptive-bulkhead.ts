import type { AdaptiveLimit } from './adaptive-limit.js';
import { type Bulkhead, createBulkhead } from './bulkhead.js';

const bulkheads = /* @__PURE__ */ new WeakMap<AdaptiveLimit, Bulkhead>();

/** The one bulkhead of a limit, so that all who use the limit share its places. */
export function bulkheadOf(limit: AdaptiveLimit): Bulkhead {
  let bulkhead = bulkheads.get(limit);
  if (!bulkhead) bulkheads.set(limit, (bulkhead = createBulkhead({ limit, ...limit.named })));
  return bulkhead;
}
