import fc from 'fast-check';
import { BehaviorSubject, NEVER } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { NetworkError } from '../../lib/core/errors.js';
import { probe } from '../../lib/testing/flow-probe.js';
import { deadline } from '../../operators/deadline.js';
import { pauseWhile } from '../../operators/pause-while.js';
import { retryBackoff } from '../../operators/retry-backoff.js';
import { HandClock, Steered } from '../support/steered.js';

describe('pauseWhile in a Flow', () => {
  it('asks for nothing in a pause, and for what is wanted after it', () => {
    const [source, paused] = [new Steered<number>(), new BehaviorSubject(true)];
    const below = probe(source.flow.via(pauseWhile(paused)), 3);
    below.request(2);
    expect(source.runs[0]!.asked).toEqual([]);
    paused.next(false);
    expect(source.runs[0]!.asked).toEqual([5]);
    below.request(1);
    expect(source.runs[0]!.asked).toEqual([5, 1]);
  });

  it('asks for 16 at most ahead, however much is wanted, and for more when 4 have come', () => {
    const source = new Steered<number>();
    probe(source.flow.via(pauseWhile(NEVER)), Infinity);
    for (let n = 1; n <= 8; n++) source.to.onNext(n);
    expect(source.runs[0]!.asked).toEqual([16, 4, 4]);
  });

  it('keeps what is on its way in a pause, without losing any of it', () => {
    const [source, paused] = [new Steered<number>(), new BehaviorSubject(false)];
    // Places are for sources that cannot be held back.
    const below = probe(source.flow.via(pauseWhile(paused, { capacity: 1, overflow: 'latest' })), Infinity);
    paused.next(true);
    for (let n = 1; n <= 16; n++) source.to.onNext(n);
    expect([below.values.length, source.runs[0]!.asked]).toEqual([0, [16]]);
    paused.next(false);
    expect([below.values.length, source.runs[0]!.asked]).toEqual([16, [16, 16]]);
  });

  it('asks a source that it left for nothing more, and drops what that still sends', () => {
    const [source, paused] = [new Steered<number>(), new BehaviorSubject(false)];
    const below = probe(source.flow.via(pauseWhile(paused, { source: 'leave' })), 5);
    source.to.onNext(1);
    paused.next(true);
    source.to.onNext(2);
    source.to.onComplete();
    paused.next(false);
    source.to.onNext(1);
    expect(source.runs.map(({ asked, cancelled }) => [asked, cancelled])).toEqual([
      [[5], true],
      [[4], false],
    ]);
    expect([below.values, below.ending]).toEqual([[1, 1], undefined]);
  });

  it('lets those inside know the deadline around it', () => {
    const clock = new HandClock();
    const lost = new NetworkError('connection reset', 'receive');
    const source = new Steered<number>();
    const retry = retryBackoff<number>({ backoff: () => 20, clock });
    const below = probe(source.flow.via(retry, pauseWhile(NEVER), deadline({ totalMs: 10, clock })), 1);
    source.to.onError(lost);
    expect(below.error).toBe(lost);
  });
});

describe('any course of pauseWhile', () => {
  it('loses nothing, sends nothing in a pause and no more than asked for, and leaves nothing behind', () => {
    const steps = fc.array(fc.constantFrom('send', 'send', 'send', 'pause', 'go', 'ask', 'end'), { maxLength: 80 });
    let paused = 0;
    fc.assert(
      fc.property(steps, (course) => {
        const [source, signal] = [new Steered<number>(), new BehaviorSubject(false)];
        let [wanted, sent, isOver] = [2, 0, false];
        const below = probe(source.flow.via(pauseWhile(signal)), wanted, () => {
          expect(signal.value).toBe(false);
        });
        const { asked, to } = source.runs[0]!;
        const allowed = () => asked.reduce((sum, n) => sum + n, 0);
        for (const step of course) {
          if (step === 'pause') signal.next(true);
          if (step === 'go') signal.next(false);
          if (step === 'ask') below.request((wanted++, 1));
          if (step === 'send' && !isOver && sent < allowed()) to.onNext(++sent);
          if (step === 'end' && !isOver && sent > 8) to.onComplete();
          isOver ||= step === 'end' && sent > 8;
          if (signal.value && sent > below.values.length) paused++;
          expect(below.values).toEqual(Array.from(below.values, (_, index) => index + 1));
          expect(allowed()).toBeLessThanOrEqual(wanted);
          if (!signal.value) expect(below.values.length).toBe(sent);
        }
        below.cancel();
        expect([signal.observed, source.runs[0]!.cancelled]).toEqual([false, !isOver]);
      }),
      { numRuns: 3_000 },
    );
    expect(paused).toBeGreaterThan(1_000);
  });
});
