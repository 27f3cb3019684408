import fc from 'fast-check';
import { NEVER } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { createBudget } from '../../lib/core/budget.js';
import { NetworkError } from '../../lib/core/errors.js';
import { probe } from '../../lib/testing/flow-probe.js';
import { resumeFrom } from '../../operators/resume-from.js';
import { marble } from '../support/marble.js';
import { HandClock, Steered } from '../support/steered.js';

const lost = new NetworkError('connection reset', 'receive');
const backoff = (_error: unknown, retry: number) => retry * 2; // 2 ms, then 4 ms, then 6 ms
const itself = (value: string) => value;

describe('the attempts of resumeFrom', () => {
  marble('are bounded when none is stable, although each brings a value', (t) => {
    const source = t.cold('  a#', undefined, lost);
    const rest = t.cold('       b#', undefined, lost);
    const expected = '       a--b----b#';

    const options = { attempts: 3, backoff, clock: t.clock };
    t.expectObservable(source.pipe(resumeFrom(itself, () => rest, options))).toBe(expected, undefined, lost);
    t.expectSubscriptions(rest.subscriptions).toBe(['---^!', '--------^!']);
  });

  marble('are all there again after one that brought a value and was stable', (t) => {
    const source = t.cold('  a#', undefined, lost);
    const rest = t.cold('       b---------#', undefined, lost);

    const options = { attempts: 2, stableMs: 10, backoff, clock: t.clock };
    const result = source.pipe(resumeFrom(itself, () => rest, options));
    t.expectObservable(result, '---------- ---------- ----------!').toBe('a--b-----------b-----------b----');
  });

  marble('are not there again after one that was silent, however long it lasted', (t) => {
    const source = t.cold('  a#', undefined, lost);
    const rest = t.cold('       ----------#', undefined, lost);

    const options = { attempts: 2, stableMs: 10, backoff, clock: t.clock };
    t.expectObservable(source.pipe(resumeFrom(itself, () => rest, options))).toBe('a------------#', undefined, lost);
  });

  it('stay few against a server that greets and hangs up', () => {
    const clock = new HandClock();
    const source = new Steered<string>();
    const below = probe(
      source.flow.via(resumeFrom(itself, () => source.flow, { clock, attempts: Infinity })),
      Infinity,
    );
    for (let ms = 0; ms < 120_000; ms += 10) {
      const run = source.runs.at(-1)!;
      if (run.asked.length > 0) {
        run.asked.length = 0;
        run.to.onNext('welcome');
        run.to.onError(lost);
      }
      clock.pass(10);
    }
    // With a ladder that is reset by the first value there would be thousands.
    expect([source.runs.length < 40, below.ending]).toEqual([true, undefined]);
  });

  marble('obey Retry-After, and end where it is too long', (t) => {
    const asks = (retryAfterMs: number) => new NetworkError('later', 'receive', { retryAfterMs });
    const options = { backoff, clock: t.clock, random: () => 0.5 };
    const soon = t.cold('a#', undefined, asks(20)).pipe(resumeFrom(itself, () => t.cold('(b|)'), options));
    t.expectObservable(soon).toBe('a---------------------(b|)'); // 20 ms and a half of 10 %
    const error = asks(61_000);
    const late = t.cold('a#', undefined, error).pipe(resumeFrom(itself, () => NEVER, options));
    t.expectObservable(late).toBe('a#', undefined, error);
  });
});

describe('the budget of resumeFrom', () => {
  marble('pays for each attempt, and gets back what one has cost that brings a value', (t) => {
    const budget = createBudget({ capacity: 2 });
    const rests = [t.cold('#', undefined, lost), t.cold('b|')];
    const options = { budget, backoff, clock: t.clock };
    t.expectObservable(t.cold('a#', undefined, lost).pipe(resumeFrom(itself, () => rests.shift()!, options))).toBe(
      'a------b|',
    );
    t.flush();
    expect(budget.state).toEqual({ level: 1, capacity: 2, taken: 2, refused: 0 });
  });

  marble('earns by a first value', (t) => {
    const budget = createBudget({ capacity: 2 });
    budget.take();
    t.expectObservable(t.cold('ab|').pipe(resumeFrom(itself, () => NEVER, { budget, clock: t.clock }))).toBe('ab|');
    t.flush();
    expect(budget.state.level).toBe(1.1);
  });

  marble('lets the error pass when it is spent, and gets back what an attempt cost that is not made', (t) => {
    const spent = createBudget({ capacity: 0 });
    const source = t.cold('a#', undefined, lost);
    const operator = resumeFrom(itself, () => NEVER, { budget: spent, clock: t.clock });
    t.expectObservable(source.pipe(operator)).toBe('a#', undefined, lost);
    const full = createBudget({ capacity: 2 });
    t.expectObservable(
      source.pipe(resumeFrom(itself, () => NEVER, { budget: full, backoff, clock: t.clock })),
      '--!',
    ).toBe('a');
    t.flush();
    expect(full.state).toMatchObject({ level: 2, taken: 1 });
  });

  it('may have a listener that cancels: nothing follows, and nothing is paid', () => {
    const clock = new HandClock();
    const budget = createBudget({ capacity: 2 });
    const source = new Steered<string>();
    const below = probe(source.flow.via(resumeFrom(itself, () => source.flow, { budget, clock })), 9);
    source.to.onNext('a');
    budget.changes.subscribe(({ taken }) => taken > 0 && below.cancel());
    source.to.onError(lost);
    expect([clock.timers, source.runs.length, budget.state.level]).toEqual([0, 1, 2]);
  });
});

describe('the demand of resumeFrom', () => {
  it('is handed on as what is still missing, and one more for each value that is skipped', () => {
    const clock = new HandClock();
    const source = new Steered<string>();
    const tokenOf = (value: string) => (value === 'a' ? value : undefined);
    const below = probe(source.flow.via(resumeFrom(tokenOf, () => source.flow, { backoff: () => 1, clock })), 4);
    for (const value of 'ab') source.to.onNext(value);
    source.to.onError(lost);
    clock.pass(1);
    for (const value of 'bc') source.to.onNext(value);
    expect(source.runs.map(({ asked }) => asked)).toEqual([[4], [2, 1]]);
    expect(below.values).toEqual(['a', 'b', 'c']);
  });
});

/** A log whose connections send when the test says so and break when it does, each one from where it was opened. */
class BreakingLog {
  readonly source = new Steered<number>();
  isOpen = true;
  #offset = 0;

  readonly open = (offset: number) => {
    this.#offset = offset;
    this.isOpen = true;
    return this.source.flow;
  };

  send(): void {
    const { asked, to } = this.source.runs.at(-1)!;
    // A request that has been met is taken back, so that no more is sent than was asked for.
    if (this.isOpen && asked.reduce((sum, n) => sum + n, 0) > 0) to.onNext((asked.push(-1), ++this.#offset));
  }

  fail(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.source.to.onError(lost);
  }
}

describe('any course of resumeFrom', () => {
  it('delivers each value once and in order, no more than asked for, and leaves nothing behind', () => {
    const steps = fc.array(fc.constantFrom('send', 'send', 'send', 'fail', 'pass', 'ask'), {
      minLength: 30,
      maxLength: 80,
    });
    let resumed = 0;
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 4 }), (course, every) => {
        const [clock, log] = [new HandClock(), new BreakingLog()];
        // Only each so many-th value is a place to go on from.
        const tokenOf = (n: number) => (n % every === 0 ? n : undefined);
        const options = { attempts: Infinity, backoff: () => 5, clock };
        const below = probe(log.source.flow.via(resumeFrom(tokenOf, log.open, options)), 9);
        let wanted = 9;
        for (const step of course) {
          if (step === 'send') log.send();
          // Without a token a failure is the end, which is tried elsewhere.
          if (step === 'fail' && below.values.length >= every) log.fail();
          if (step === 'pass') clock.pass(5);
          if (step === 'ask') below.request(2);
          if (step === 'ask') wanted += 2;
        }
        below.cancel();
        resumed += log.source.runs.length - 1;
        expect(below.values).toEqual(below.values.map((_, index) => index + 1));
        expect(below.values.length).toBeLessThanOrEqual(wanted);
        const left = log.source.runs.at(-1)!;
        expect([clock.timers, left.cancelled]).toEqual([0, log.isOpen]);
      }),
      { numRuns: 3_000 },
    );
    expect(resumed).toBeGreaterThan(3_000);
  });
});
