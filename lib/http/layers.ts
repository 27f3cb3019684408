import { ConfigError } from '../core/errors.js';
import { FLOW_OPERATOR } from '../core/flow.js';
import { tagsOf } from '../core/policy/policy-tag.js';
import type { Layer, Policy } from './types.js';

/** A policy as a layer: each time it subscribes, the request runs anew. */
export function layerOf(given: Layer | Policy): Layer {
  return FLOW_OPERATOR in given ? (request, next) => given(next(request)) : given;
}

/**
 * Refuses policies that cannot work where they are.
 *
 * @param retries - whether the client retries by itself
 */
export function checkPolicies(given: readonly (Layer | Policy)[], field: string, retries: boolean): void {
  for (const [i, one] of given.entries()) {
    const where = `${field}[${i}]`;
    for (const { policy } of tagsOf(one)) {
      if (policy === 'retryBackoff' && retries) {
        throw new ConfigError(where, "retryBackoff beside the client's own retry: say retry: false to one of the two");
      }
      if (policy === 'deadline' && field === 'attemptLayers') {
        throw new ConfigError(where, 'a deadline would start anew with each attempt: use timeouts.totalMs');
      }
    }
  }
}
