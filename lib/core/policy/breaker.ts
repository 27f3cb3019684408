import type { Breaker, BreakerOptions } from './breaker-types.js';
import { CircuitBreaker } from './circuit-breaker.js';

/**
 * Makes a circuit breaker for `breakCircuit`: it opens when too many calls fail or are slow, lets none pass for a
 * time, then a few to try, and closes when enough of them succeed.
 *
 * Only what tells about the server counts: a cancelled call does not, nor one that was turned away on this side.
 *
 * @throws ConfigError when an option is wrong
 * @see Michael Nygard, "Release It!" (2007), "Circuit Breaker"; resilience4j for slow calls and half-open ratios
 */
export function createBreaker(options: BreakerOptions = {}): Breaker {
  return new CircuitBreaker(options);
}
