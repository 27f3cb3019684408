import type { AdaptiveLimit } from './adaptive-limit.js';
import { SharedBulkhead } from './bulkhead.js';

const bulkheads = /* @__PURE__ */ new WeakMap<AdaptiveLimit, SharedBulkhead>();

/** The one bulkhead of a limit, so that all who use the limit share its places. */
export function bulkheadOf(limit: AdaptiveLimit): SharedBulkhead {
  let bulkhead = bulkheads.get(limit);
  if (!bulkhead) bulkheads.set(limit, (bulkhead = new SharedBulkhead({ limit, ...limit.named })));
  return bulkhead;
}
