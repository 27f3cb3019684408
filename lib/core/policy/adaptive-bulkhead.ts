import type { AdaptiveLimit } from './adaptive-limit.js';
import { createBulkhead } from './bulkhead.js';
import type { BulkheadGate } from './bulkhead-gate.js';
import { gateOf } from './permit.js';

const bulkheads = /* @__PURE__ */ new WeakMap<AdaptiveLimit, BulkheadGate>();

/** The one bulkhead of a limit, so that all who use the limit share its places. */
export function bulkheadOf(limit: AdaptiveLimit): BulkheadGate {
  const gate = bulkheads.get(limit);
  if (gate) return gate;
  const made = gateOf<BulkheadGate>(createBulkhead({ limit, ...limit.named }), 'limit', 'createBulkhead');
  bulkheads.set(limit, made);
  return made;
}
