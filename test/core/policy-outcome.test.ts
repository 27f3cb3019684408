import { describe, expect, it } from 'vitest';

import { DecodeError, LimitError } from '../../lib/core/answer-errors.js';
import { AbortError, ConfigError, NetworkError, RejectedError, TimeoutError } from '../../lib/core/errors.js';
import { outcomeOf } from '../../lib/core/policy/outcome.js';

const named = (name: string) => Object.assign(new Error('foreign'), { name });

describe('outcomeOf', () => {
  it.each([
    ['failure', 'a lost connection', new NetworkError('lost', 'receive')],
    ['failure', 'one whose retries are used up', new NetworkError('lost', 'receive', { retryable: false })],
    ['failure', 'an attempt that took too long', new TimeoutError('attempt', 10)],
    ['failure', 'a call that took too long in all', new TimeoutError('total', 10)],
    ['failure', 'a foreign error', new Error('foreign')],
    ['failure', "the platform's own timeout", named('TimeoutError')],
    ['failure', 'something thrown that is no error', 'thrown'],
    ['failure', 'nothing thrown', undefined],
    ['failure', 'null thrown', null],
    ['ignored', 'a wait that was too long', new TimeoutError('queue', 10)],
    ['ignored', 'an open circuit', new RejectedError('circuit-open', 'open')],
    ['ignored', 'a full queue', new RejectedError('queue-full', 'full')],
    ['ignored', 'a spent budget', new RejectedError('budget', 'spent')],
    ['ignored', 'a rejection that claims to be transient', new RejectedError('closed', 'x', { transient: true })],
    ['ignored', "the caller's abort", new AbortError('enough')],
    ['ignored', "the platform's own abort", named('AbortError')],
    ['ignored', 'a wrong option', new ConfigError('field', 'wrong')],
    ['answered', 'an answer that cannot be read', new DecodeError('no JSON', 0)],
    ['answered', 'an answer that is too large', new LimitError('bodyBytes', 10, 'too large')],
  ])('is %s for %s', (outcome, _what, error) => {
    expect(outcomeOf(error)).toBe(outcome);
  });
});
