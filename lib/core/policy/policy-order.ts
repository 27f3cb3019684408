import { ConfigError } from '../errors.js';
import type { PolicyTag } from './policy-tag.js';

/** An order that cannot work or has no effect: `outer` may not stand around `inner`. */
interface Misfit {
  readonly outer: readonly string[];
  readonly inner: readonly string[];
  readonly because: string;
}

const retry = ['retryBackoff'];
const places = ['limitConcurrency', 'adaptConcurrency', 'limitRate'];

const MISFITS: readonly Misfit[] = [
  {
    outer: ['timeoutEach'],
    inner: retry,
    because: 'it would bound all attempts together, which is what deadline does; put timeoutEach inside retryBackoff',
  },
  {
    outer: retry,
    inner: ['deadline'],
    because: 'the deadline would start anew with each attempt; put deadline outside retryBackoff',
  },
  {
    outer: [...retry, 'hedge', 'breakCircuit', 'throttleClient'],
    inner: ['fallbackTo'],
    because: 'it would never see a failure, since the fallback answers first; put fallbackTo outside',
  },
  {
    outer: ['hedge'],
    inner: retry,
    because: 'each hedge would retry by itself and attempts would multiply; put hedge inside retryBackoff',
  },
  {
    outer: [...places, 'throttleClient'],
    inner: ['hedge'],
    because: 'hedged attempts would run uncounted; put hedge outside',
  },
  {
    outer: ['limitRate', 'throttleClient'],
    inner: retry,
    because: 'retries would be sent uncounted; put retryBackoff outside',
  },
  {
    outer: ['limitConcurrency', 'adaptConcurrency'],
    inner: retry,
    because: 'a place would be held while a retry waits; put retryBackoff outside',
  },
  {
    outer: ['timeoutEach'],
    inner: places,
    because: 'the wait for a place would count as the time of the attempt; put timeoutEach inside',
  },
];

/** These bound something once: a second one inside changes nothing, or multiplies. */
const ONCE = new Set(['retryBackoff', 'deadline', 'timeoutEach', 'hedge', 'fallbackTo']);

/**
 * Checks an order of policies, outermost first.
 *
 * @throws ConfigError that names the two and the fix, for an order that cannot work or has no effect
 */
export function checkOrder(tags: readonly PolicyTag[], where: string): void {
  for (const [i, outer] of tags.entries()) {
    for (const inner of tags.slice(i + 1)) {
      const field = `${where}: ${outer.policy} around ${inner.policy}`;
      const misfit = MISFITS.find((one) => one.outer.includes(outer.policy) && one.inner.includes(inner.policy));
      if (misfit) throw new ConfigError(field, misfit.because);
      if (outer.state !== undefined && outer.state === inner.state) {
        throw new ConfigError(field, 'both share one state, so that a call would count twice; leave one out');
      }
      if (outer.policy === inner.policy && ONCE.has(outer.policy)) {
        throw new ConfigError(field, 'the second has no effect or multiplies attempts; leave one out');
      }
    }
  }
}
