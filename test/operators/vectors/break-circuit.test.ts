import { describe } from 'vitest';

import { plays, times } from '../../support/breaker-script.js';

const second = { windowMs: 5_000 };
const half = { probes: 1, successes: 1 };

// Polly, test/Polly.Core.Tests/CircuitBreaker: ten windows of a second, as here; opens at the ratio and above.
describe('vectors of Polly for breakCircuit', () => {
  const ok9 = times(9, '+');
  plays({ minCalls: 10, failureRate: 0.1, windowMs: 10_000 }, [
    ['AdvancedCircuitBehavior: 10 calls, least 10, none failed', `${ok9} + =closed #10/0`],
    ['AdvancedCircuitBehavior: 10 calls, least 10, a tenth failed, from a tenth on', `${ok9} =closed - =open`],
    ['AdvancedCircuitBehavior: a fifth failed, from a tenth on', `${times(8, '+')} - =closed - =open`],
    ['AdvancedCircuitBehavior: 9 calls, least 10', `${times(8, '+')} - =closed #9/1`],
    ['RollingHealthMetrics.Increment', '- + + + + #5/1', { failureRate: 1 }],
    [
      'RollingHealthMetrics.GetHealthInfo_EnsureWindowRespected',
      '- + ~2000 #2/1 - + ~2000 #4/2 + + ~2000 + + ~2000 #8/2 + + ~2000 #8/1 ~2000 #6/0',
      { failureRate: 1 },
    ],
    ['RollingHealthMetrics.GetHealthInfo_EnsureWindowCapacityRespected', `${times(10, '+ ~1000')} #9/0 ~1000 #8/0`],
    ['RollingHealthMetrics.GetHealthInfo_SamplingDurationRespected', '+ + ~10000 #0/0'],
    ['RollingHealthMetrics.GetHealthInfo_SamplingDurationRespected, 1 ms later', '+ + ~10001 #0/0'],
    ['SingleHealthMetrics.SamplingDurationRespected', '+ + ~100 #0/0', { windowMs: 100 }],
    ['SingleHealthMetrics.Reset', '+ close #0/0', { windowMs: 100 }],
  ]);
});

// resilience4j, SlidingTimeWindowMetricsTest: five buckets of a second; ten of half a second here, with equal sums.
describe('vectors of the sliding time window of resilience4j for breakCircuit', () => {
  plays({ ...second, minCalls: 100, slowMs: 5_000 }, [
    ['testRecordSuccess', '+ #1/0/0'],
    ['testRecordError', '- #1/1/0'],
    ['testRecordSlowSuccess', '+5000 #1/0/1'],
    ['testSlowCallsPercentage: 40 %', '+10000 -10000 + + + #5/1/2', { windowMs: 60_000 }],
    [
      'shouldClearSlidingTimeWindowMetrics',
      '- #1/1 ~100 + #2/1 ~700 - #3/2 ~4000 #3/2 ~1000 #0/0 ~100 + #1/0 ~5000 + #1/0',
    ],
    [
      'testSlidingTimeWindowMetrics',
      `- #1/1 ~100 + #2/1 ~100 + #3/1 ~1000 + #4/1 ~1000 + #5/1 ~1000 - #6/2
      ~1000 + #7/2 ~1000 + #5/1 ~1000 + #5/1 ~5000 + #1/0`.replaceAll(/\s+/g, ' '),
    ],
  ]);
});

// resilience4j, CircuitBreakerStateMachineTest: 50 %, slow from 4 s on, least 5 calls, 5 s open, 4 probes of which
// less than half may fail. Ours decides as soon as the rest cannot change it: there, when the fourth has ended.
describe('vectors of the state machine of resilience4j for breakCircuit', () => {
  const open = '- - - - - =open';
  const probing = `${open} ~5000`;
  plays({ windowMs: 20_000, minCalls: 5, slowMs: 4_000, openMs: 5_000, probes: 4, successes: 3 }, [
    ['shouldOpenAfterFailureRateThresholdExceeded', '- - - + =closed #4/3 + =open #5/3 x'],
    ['shouldOpenAfterFailureRateThresholdExceeded2', '+ ~1000 + ~1000 + ~1000 - ~1000 - =closed ~1000 =closed - =open'],
    [
      'shouldOpenAfterSlowCallRateThresholdExceeded',
      '-5000 + - +5000 =closed +5000 =open #5/2/3',
      { windowMs: 60_000 },
    ],
    [
      '…UsingMockClock',
      '+5000 #1/0/1 +5000 #2/0/2 +1000 #3/0/2 +1000 =closed +5000 =open #5/0/3',
      { windowMs: 60_000 },
    ],
    ['shouldTransitionToHalfOpenAfterWaitDuration', `${open} x ~3000 =open x ~3000 > =half-open`],
    ['shouldOnlyPermitFourCallsInHalfOpenState', `${probing} > > > > x x`],
    ['shouldIncreaseCounterOnReleasePermission', `${probing} > > > > x x 1i > x`],
    [
      'shouldTransitionToHalfOpenAfterWaitInterval: twice as long',
      `${open} ~6000 - - =open ~6000 x ~5000 > =half-open`,
    ],
    [
      'shouldTransitionBackToOpenStateWhenFailureRateIsAboveThreshold',
      `${probing} > > > > 1- =half-open 2- =open 3+ 4- =open`,
    ],
    [
      'shouldTransitionBackToOpenStateWhenSlowCallRateIsAboveThreshold',
      `${probing} > > > > ~5000 1+ =half-open 2+ =open`,
    ],
    [
      'shouldTransitionBackToClosedStateWhenFailureIsBelowThreshold',
      `${probing} - + + =half-open + =closed #0/0 + #1/0`,
    ],
    ['shouldResetMetrics', '+ - #2/1 close #0/0'],
    ['shouldForceOpenCircuitBreaker', 'isolate =isolated x ~6000 x =isolated'],
    ['shouldReleasePermissionWhenExceptionIgnored', `${probing} + + i =half-open - =half-open + =closed`],
    ['shouldIgnoreExceptionsAndThenTransitionToClosed', `${probing} i i i i =half-open + + =half-open + =closed #0/0`],
    ['shouldResetToClosedState', `${open} close =closed #0/0`],
  ]);
});

// failsafe-go, circuitbreaker/halfopenstate_test.go: so many of so many must succeed, or may fail.
describe('vectors of failsafe-go for breakCircuit', () => {
  const probing = '- =open ~5000';
  const of = (successes: number, probes: number) => ({ probes, successes });
  plays({ minCalls: 1, openMs: 5_000 }, [
    ['TestHalfOpenStateFailureWithDefaultConfig', `${probing} - =open`, of(1, 1)],
    ['TestHalfOpenSuccessWithDefaultConfig', `${probing} + =closed`, of(1, 1)],
    ['TestHalfOpenFailureWithFailureThreshold', `${probing} - =half-open - =half-open - =open`, of(1, 3)],
    ['TestHalfOpenFailureWithFailureRatio', `${probing} - + =half-open - =open`, of(2, 3)],
    ['TestHalfOpenFailureWithSuccessAndFailureRatios', `${probing} + - + =half-open - =open`, of(3, 4)],
    ['TestHalfOpenFailureWithSuccessRatioAndFailureThreshold', `${probing} + - - =half-open - =open`, of(2, 4)],
    ['TestHalfOpenFailureWithSuccessThreshold', `${probing} + - =open`, of(3, 3)],
    ['TestHalfOpenSuccessWithFailureRatio', `${probing} - + =half-open + =closed`, of(2, 3)],
    ['TestHalfOpenSuccessWithSuccessAndFailureRatios', `${probing} + - + =half-open + =closed`, of(3, 4)],
    ['TestHalfOpenSuccessWithSuccessRatioAndFailureThreshold', `${probing} + + - =half-open + =closed`, of(3, 4)],
    ['TestHalfOpenSuccessWithSuccessThreshold', `${probing} + + =half-open + =closed`, of(3, 3)],
    ['rejects excessive attempts when half-open', `${probing} > > > ${times(5, 'x')}`, of(3, 3)],
    ['TestClosedStateFailureWithFailureRatio', '- + =closed - =open', { minCalls: 3, failureRate: 2 / 3 }],
    ['TestClosedStateSuccessWithFailureRatio', times(20, '+ - =closed'), { minCalls: 4, failureRate: 0.75 }],
    [
      'time based failure rate thresholding: half of three, within 200 ms, no wait',
      '- + ~210 - + ~50 + =closed - =open - =half-open - =open - =half-open + + =closed',
      { minCalls: 3, windowMs: 200, openMs: 0, ...of(2, 3) },
    ],
  ]);
});

// opossum, test/volume-threshold-test.js, half-open-test.js, test.js; a percentage of 1 is a rate of 0.01.
describe('vectors of opossum for breakCircuit', () => {
  plays({ failureRate: 0.01, minCalls: 1, openMs: 100, ...half }, [
    ['no volume threshold', '- =open'],
    ['a volume threshold before tripping', '- =closed - =closed - =open', { minCalls: 3 }],
    ['volume threshold does not affect halfOpen', '- =closed - =open ~450 - =open', { minCalls: 2, windowMs: 300 }],
    ['when half-open, only one request passes', '- =open ~150 > =half-open x ~500 x 1- =open x'],
    ['when half-open, a filtered error closes it', '- =open ~150 a =closed'],
    ['a filtered error is counted as a success', 'a =closed #1/0'],
    ['opens after a configurable number of failures', '- =open x', { failureRate: 0.1 }],
    ['resets after a configurable amount of time', '- =open ~125 + =closed'],
    ['resets when multiple jobs fail', '> > 1- 2- =open ~125 + =closed'],
    // Its wait is the same each time; ours is twice as long when a probe has failed.
    ['circuit halfOpen', '- =open ~130 - =open ~130 x ~130 + =closed'],
    ['rolling counts', '+ + + #3/0 ~300 #0/0', { windowMs: 200 }],
  ]);
});
