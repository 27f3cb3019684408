import { describe } from 'vitest';

import { type BreakerVector, plays, times } from '../../support/breaker-script.js';

// cockatiel opens above its threshold, ours at it: 0.51 is the least rate above a half for up to a hundred calls.
const aboveHalf = 0.51;

// cockatiel, src/breaker/SamplingBreaker.test.ts: three calls a second at least, over 5 s in windows of 1 s.
describe('vectors of the SamplingBreaker of cockatiel for breakCircuit', () => {
  const each = (i: number) => `${times(i, '- + +')} ~1000`;
  plays({ windowMs: 5_000, minCalls: 15, failureRate: aboveHalf }, [
    [
      // There the window moves when it is used: read a second later, it still has all; ours has let the oldest go.
      'increments and wraps buckets',
      `${[0, 1, 2, 3, 4, 5].map(each).join(' ')} ${times(6, '- + +')} #60/20 ~1000 #54/18`
        .trim()
        .replaceAll(/\s+/g, ' '),
      { minCalls: 100 },
    ],
    ['does not start failing below the least rate', times(10, '- =closed ~500')],
    // There one more is needed, since its windows are a second long; ours are half a second.
    ['fails once above the least rate', `${times(15, '~334 - =closed')} - =open`],
    ...Array.from({ length: 10 }, (_, n): BreakerVector => {
      const pairs = times(10 + n, '+ - =closed ~250');
      return [`calculates the rate over time: ${10 + n} pairs`, `${pairs} - =open`];
    }),
    [
      'resets when it recovers from half-open',
      `${times(15, '-')} =open ~5000 + =closed #0/0 - =closed`,
      { probes: 1, successes: 1 },
    ],
  ]);
});

// cockatiel, src/breaker/CountBreaker.test.ts: the latest hundred calls; ours counts those of a time.
describe('vectors of the CountBreaker of cockatiel for breakCircuit', () => {
  plays({ minCalls: 50, failureRate: aboveHalf, probes: 1, successes: 1 }, [
    ['does not open below the least number of calls', times(49, '- =closed')],
    ['does not open at the threshold', `${times(25, '+')} ${times(25, '- =closed')}`],
    ['opens above the threshold', `${times(24, '+')} ${times(25, '- =closed')} - =open`],
    ['resets when it recovers from half-open', `${times(50, '-')} =open ~5000 + =closed #0/0 - =closed`],
  ]);
});

// cockatiel, src/CircuitBreakerPolicy.test.ts: two failures in a row open it, for a second.
describe('vectors of the CircuitBreakerPolicy of cockatiel for breakCircuit', () => {
  const open = '- - =open';
  const ofTen = { probes: 10, successes: 7 };
  plays({ minCalls: 2, failureRate: 1, openMs: 1_000, probes: 1, successes: 1 }, [
    ['allows calls when closed', '+ =closed'],
    ['opens after failing calls', '- =closed - =open x =open'],
    ['closes if the half-open test succeeds', `${open} ~1000 > =half-open 1+ =closed`],
    ['re-opens if the half-open test fails', `${open} ~1000 - =open`],
    ['uses the back-off: 1 s, then 2 s', `${open} ~1000 - =open ~1000 x ~1000 > =half-open 1+ =closed`],
    ['resets the back-off when it closes', `${open} ~1000 - =open ~2000 + =closed ${open} ~1000 + =closed`],
    [
      'samples several half-open calls before it closes',
      `${open} ~1000 ${times(3, '- =half-open')} ${times(6, '+ =half-open')} + =closed`,
      ofTen,
    ],
    ['re-opens when the half-open sample has failed', `${open} ~1000 ${times(3, '- =half-open')} - =open`, ofTen],
    // There the second call waits for what becomes of the first, however long: ours turns it away.
    ['dedupes half-open tests', `${open} ~1000 > x ~10 1+ =closed +`],
    [
      'queues calls once the half-open sample is full',
      `${open} ~1000 > > x ~10 1+ 2+ =closed +`,
      { probes: 2, successes: 2 },
    ],
    ['stops deduped half-open tests when it opens again', `${open} ~1000 > x ~10 1- =open x`],
    // There each caller who isolates must let go; ours has one handle.
    ['handles isolation', 'isolate =isolated isolate x close =closed +'],
    // There, nothing is told of the one that was aborted, and it is not run.
    ['aborts what waits for a half-open test', `${open} ~1000 > 1i =half-open + =closed`],
  ]);
});
