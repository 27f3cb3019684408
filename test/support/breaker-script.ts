import { expect, it } from 'vitest';

import { StatusError } from '../../lib/core/answer-errors.js';
import { AbortError, NetworkError } from '../../lib/core/errors.js';
import { createBreaker } from '../../lib/core/policy/breaker.js';
import type { Breaker, BreakerOptions } from '../../lib/core/policy/breaker-types.js';
import { breakCircuit } from '../../operators/break-circuit.js';
import { HandCall } from './calls.js';
import { handClock } from './hand-clock.js';

/** Ways in which a call ends: well, badly, answered with a refusal, aborted. */
const ends: Record<string, (call: HandCall) => void> = {
  '+': (call) => call.succeed(),
  '-': (call) => call.fail(new NetworkError('connection reset', 'receive')),
  a: (call) => call.fail(new StatusError(404, '404', { headers: new Headers(), body: undefined })),
  i: (call) => call.fail(new AbortError('enough')),
};

/**
 * Plays what happens to a breaker, and writes it down as it happened: a script that comes back as it was given is one
 * whose expectations are met. Its words are apart by spaces.
 *
 * - `+`, `-`, `a`, `i`: a call that ends in one of these ways; with a number, after so many ms;
 * - `>`: a call that runs on, until a word such as `1+` ends the first of them;
 * - `x`: a call that is turned away;
 * - `~1000`: so many ms pass;
 * - `isolate`, `close`: what the handle can do;
 * - `=open`: what it is now; `#3/2`: two failures among three calls; `#3/2/1`: one of them slow.
 */
function playBreaker(options: BreakerOptions, script: string): string {
  const clock = handClock();
  // In the middle of its jitter: as long as its settings say.
  const breaker = createBreaker({ clock, random: () => 0.5, ...options });
  const running: HandCall[] = [];
  const play = (word: string): string => {
    if (word === 'isolate' || word === 'close') return (breaker[word](), word);
    if ('=#'.includes(word[0]!)) return look(breaker, word);
    const [, number, verb = '', ms] = /^(\d*)(\D)(\d*)$/.exec(word) ?? [];
    if (number) {
      ends[verb]!(running[Number(number) - 1]!);
      return word;
    }
    const call = verb === '~' ? undefined : new HandCall(breakCircuit(breaker));
    clock.pass(Number(ms));
    if (!call) return word;
    if (!call.isSent) return 'x';
    if (ends[verb]) ends[verb](call);
    else running.push(call);
    return ends[verb] ? word : '>';
  };
  return words(script).map(play).join(' ');
}

/** What is known of another breaker: its source, the script, and what of the settings is not that of the others. */
export type BreakerVector = readonly [title: string, script: string, options?: BreakerOptions];

/** A test for each of them: the script comes back as it was given. */
export function plays(defaults: BreakerOptions, vectors: readonly BreakerVector[]): void {
  for (const [title, script, options] of vectors) {
    it(title, () => expect(playBreaker({ ...defaults, ...options }, script)).toBe(script));
  }
}

/** Writes the same thing many times. */
export function times(count: number, script: string): string {
  return Array<string>(count).fill(script).join(' ');
}

function look({ state }: Breaker, word: string): string {
  if (word.startsWith('=')) return `=${state.status}`;
  const { calls, failures, slow } = state;
  return `#${[calls, failures, slow].slice(0, word.split('/').length).join('/')}`;
}

const words = (script: string): string[] => script.trim().split(/\s+/);
