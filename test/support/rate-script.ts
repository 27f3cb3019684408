import { Observable } from 'rxjs';
import { expect, it } from 'vitest';

import { createRateLimiter } from '../../lib/core/policy/rate-limiter.js';
import type { RateLimiterOptions } from '../../lib/core/policy/rate-settings.js';
import { limitRate } from '../../operators/limit-rate.js';
import { handClock } from './hand-clock.js';

/** What is known of another limiter: its source, the script, and what of the settings is not that of the others. */
export type RateVector = readonly [title: string, script: string, options?: Partial<RateLimiterOptions>];

/**
 * Lets calls come at given moments, and writes down when each of them starts, or `x` where it is turned away: a script
 * that comes back as it was given is one whose expectations are met. `0: 0 100 x, 250: 250` are three calls at 0, of
 * which the second waits 100 ms and the third is turned away, and one at 250. Unit: milliseconds.
 */
export function playRate(options: RateLimiterOptions, script: string): string {
  const clock = handClock();
  const startMs = clock.now();
  const limiter = createRateLimiter({ queueMs: Infinity, ...options, clock });
  const rows = script.split(', ').map((group) => {
    const [at = '', calls = ''] = group.split(': ');
    clock.pass(Number(at) - (clock.now() - startMs));
    const row = calls.split(' ').map(() => '?');
    for (const index of row.keys()) {
      const call$ = new Observable<never>((call) => {
        row[index] = String(clock.now() - startMs);
        call.complete();
      });
      call$.pipe(limitRate(limiter)).subscribe({ error: () => (row[index] = 'x') });
    }
    return { at, row };
  });
  clock.pass(3_600_000);
  return rows.map(({ at, row }) => `${at}: ${row.join(' ')}`).join(', ');
}

/** A test for each of them: the script comes back as it was given. */
export function paces(defaults: RateLimiterOptions, vectors: readonly RateVector[]): void {
  for (const [title, script, options] of vectors) {
    it(title, () => expect(playRate({ ...defaults, ...options }, script)).toBe(script));
  }
}
