import { concat, of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { ConfigError, NetworkError } from '../../lib/core/errors.js';
import { fromIterable } from '../../lib/core/from-iterable.js';
import { chaos, type ChaosOptions } from '../../lib/testing/chaos.js';
import { probe } from '../../lib/testing/flow-probe.js';
import { obeysTheOperatorLaws } from '../../lib/testing/laws.js';
import { operatorObeysTheFlowRules } from '../../lib/testing/operator-rules.js';
import { seededRandom } from '../../lib/testing/seeded-random.js';
import { resumeFrom } from '../../operators/resume-from.js';
import { timeoutIdle } from '../../operators/timeout-idle.js';
import { gc } from '../support/gc.js';
import { marble } from '../support/marble.js';
import { HandClock, Steered } from '../support/steered.js';

const struck = (count: number) => new NetworkError(`chaos: error ${count}, on purpose`, 'receive');

/** Chance that gives these numbers, over and over. */
const drawn = (...numbers: number[]) => {
  let taken = 0;
  return () => numbers[taken++ % numbers.length]!;
};

describe('chaos', () => {
  obeysTheOperatorLaws(() => chaos(), { it, expect });
  operatorObeysTheFlowRules(() => chaos(), { it, expect, gc });

  marble('fails in place of the source', (t) => {
    const source = t.cold('-a|');
    t.expectObservable(source.pipe(chaos({ errorChance: 1 }))).toBe('#', undefined, struck(1));
    t.expectSubscriptions(source.subscriptions).toBe([]);
  });

  marble('falls silent in place of the source, until it is left', (t) => {
    const source = t.cold('-a|');
    t.expectObservable(source.pipe(chaos({ stallChance: 1 })), '-----!').toBe('');
    t.expectSubscriptions(source.subscriptions).toBe([]);
  });

  marble('begins late, by a part of latencyMs', (t) => {
    const options = { latencyChance: 1, latencyMs: 8, random: () => 0.5, clock: t.clock };
    t.expectObservable(t.cold('-a|').pipe(chaos(options))).toBe('-----a|');
  });

  marble('does not begin after it was left', (t) => {
    const source = t.cold('-a|');
    const options = { latencyChance: 1, latencyMs: 8, random: () => 0.5, clock: t.clock };
    t.expectObservable(source.pipe(chaos(options)), '--!').toBe('');
    t.expectSubscriptions(source.subscriptions).toBe([]);
  });

  marble('strikes after so many values as are drawn, and leaves the source', (t) => {
    const source = t.cold('-a-b-c|');
    const faults = (kind: object) => chaos<string>({ ...kind, afterValues: 3, random: drawn(0, 0.6, 0, 0) });
    t.expectObservable(source.pipe(faults({ errorChance: 1 }))).toBe('-a-(b#)', undefined, struck(1));
    t.expectObservable(source.pipe(faults({ stallChance: 1 })), '---------!').toBe('-a-b');
    t.expectSubscriptions(source.subscriptions).toBe(['^--!', '^--!']);
  });

  marble('strikes at the end of a source that has fewer values', (t) => {
    const faults = (kind: object) => chaos<string>({ ...kind, afterValues: 9, random: drawn(0, 0.9, 0, 0) });
    t.expectObservable(t.cold('-a|').pipe(faults({ errorChance: 1 }))).toBe('-a#', undefined, struck(1));
    t.expectObservable(t.cold('-a|').pipe(faults({ stallChance: 1 })), '---------!').toBe('-a');
  });

  it('makes the error that the program wants, and counts', () => {
    const caught: unknown[] = [];
    const failing = of(1).pipe(chaos({ errorChance: 1, error: (count) => `fault ${count}` }));
    for (const _ of [1, 2]) failing.subscribe({ error: (error) => caught.push(error) });
    expect(caught).toEqual(['fault 1', 'fault 2']);
  });

  it('strikes about as often as it is told, each subscription by itself', () => {
    const counts = { value: 0, error: 0, silence: 0 };
    const unsure = of(1).pipe(chaos({ errorChance: 0.3, stallChance: 0.1, random: seededRandom(1) }));
    for (let n = 0; n < 10_000; n++) {
      let end: keyof typeof counts = 'silence';
      unsure.subscribe({ complete: () => (end = 'value'), error: () => (end = 'error') });
      counts[end]++;
    }
    expect(Math.abs(counts.error - 3_000)).toBeLessThan(150);
    expect(Math.abs(counts.silence - 1_000)).toBeLessThan(100);
  });

  it('strikes the same subscriptions with the same seed, whatever else changes', () => {
    const failed = (more: ChaosOptions) => {
      const unsure = of(1).pipe(chaos({ errorChance: 0.3, random: seededRandom(7), clock: new HandClock(), ...more }));
      return Array.from({ length: 200 }, () => {
        let isFailed = false;
        unsure.subscribe({ error: () => (isFailed = true) });
        return isFailed;
      });
    };
    expect(failed({})).toEqual(failed({}));
    expect(failed({ stallChance: 0.5 })).toEqual(failed({}));
    expect(failed({ random: seededRandom(8) })).not.toEqual(failed({}));
  });

  it('drops what a source sends that does not stop', () => {
    const source = new Steered<number>();
    const below = probe(source.flow.via(chaos({ stallChance: 1, afterValues: 1, random: drawn(0, 0.9, 0, 0) })), 9);
    for (const n of [1, 2]) source.to.onNext(n);
    source.to.onComplete();
    source.to.onError('late');
    expect([below.values, below.ending, source.runs[0]!.cancelled]).toEqual([[1], undefined, true]);
  });

  marble('shows that a stream resumed after silences and errors loses and repeats nothing', (t) => {
    const log = Array.from({ length: 200 }, (_, index) => index + 1);
    const faults = chaos<number>({
      errorChance: 0.45,
      stallChance: 0.45,
      afterValues: 20,
      random: seededRandom(3),
      clock: t.clock,
    });
    const openAfter = (id: number) =>
      fromIterable(log.slice(id)).pipe(faults, timeoutIdle({ idleMs: 50, clock: t.clock }));
    const received: number[] = [];
    let resumed = 0;
    const resume = (id: number) => (resumed++, openAfter(id));
    const options = { attempts: Infinity, random: seededRandom(6), clock: t.clock };
    concat(
      [1],
      throwError(() => struck(0)),
    )
      .pipe(resumeFrom((id) => id, resume, options))
      .subscribe((id) => received.push(id));
    t.flush();
    expect(received).toEqual(log);
    expect(resumed).toBeGreaterThan(5);
  });
});

describe('the options of chaos', () => {
  it('are refused when they are wrong, naming the field', () => {
    expect(() => chaos({ errorChance: 2 })).toThrow(ConfigError);
    expect(() => chaos({ errorChance: 2 })).toThrow('chaos.errorChance: must be from 0 to 1, not 2');
    expect(() => chaos({ latencyChance: -1 })).toThrow('chaos.latencyChance: must be a number, 0 or more');
    expect(() => chaos({ errorChance: 0.6, stallChance: 0.6 })).toThrow('chaos.stallChance: must not be more than 1');
    expect(() => chaos({ afterValues: NaN })).toThrow('chaos.afterValues');
    expect(() => chaos({ latencyMs: -1 })).toThrow('chaos.latencyMs');
    expect(() => chaos({ chance: 1 } as object)).toThrow('chaos.chance: unknown option');
  });
});

describe('seededRandom', () => {
  it('gives numbers from 0 to below 1, spread evenly, the same for the same seed', () => {
    const [a, b] = [seededRandom(42), seededRandom(42)];
    const numbers = Array.from({ length: 10_000 }, a);
    expect(numbers.every((n) => n >= 0 && n < 1)).toBe(true);
    const tenths = Array.from({ length: 10 }, (_, tenth) => numbers.filter((n) => Math.floor(n * 10) === tenth).length);
    expect(Math.max(...tenths.map((count) => Math.abs(count - 1_000)))).toBeLessThan(120);
    expect(numbers).toEqual(Array.from({ length: 10_000 }, b));
  });
});
