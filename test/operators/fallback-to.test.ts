import { EMPTY, type Observable, of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { AbortError, ConfigError, NetworkError } from '../../lib/core/errors.js';
import { type PolicyEvent, policyEvents } from '../../lib/core/policy/policy-events.js';
import { PROGRESS } from '../../lib/core/progress.js';
import { probe } from '../../lib/testing/flow-probe.js';
import { obeysTheOperatorLaws } from '../../lib/testing/laws.js';
import { operatorObeysTheFlowRules } from '../../lib/testing/operator-rules.js';
import { fallbackTo } from '../../operators/fallback-to.js';
import { gc } from '../support/gc.js';
import { marble } from '../support/marble.js';
import { HandClock, Steered } from '../support/steered.js';

const lost = new NetworkError('connection reset', 'receive');
const values = { p: { [PROGRESS]: true }, a: 'answer', b: 'behind' };

/** Subscribes, and notes how it ended. */
function errorOf(source: Observable<unknown>): unknown {
  let caught: unknown = 'there is no error';
  source.subscribe({ error: (error: unknown) => (caught = error) });
  return caught;
}

describe('fallbackTo', () => {
  // It is there to let no error through: the law that one passes is tried with a fallback that fails with it.
  obeysTheOperatorLaws(() => fallbackTo([9]), { it, expect, except: ['same-error'] });
  operatorObeysTheFlowRules(() => fallbackTo((error) => throwError(() => error)), { it, expect, gc });

  marble('runs the fallback when the source fails before its first value', (t) => {
    const source = t.cold('  --#      ', undefined, lost);
    const fallback = t.cold('  --a-b|');
    const expected = '       ----a-b|';

    t.expectObservable(source.pipe(fallbackTo(fallback))).toBe(expected);
    t.expectSubscriptions(source.subscriptions).toBe('  ^-!');
    t.expectSubscriptions(fallback.subscriptions).toBe('--^----!');
  });

  marble('lets no fallback follow the first value', (t) => {
    const source = t.cold('  -a-#', undefined, lost);
    const fallback = t.cold('b|');
    const expected = '       -a-#';

    t.expectObservable(source.pipe(fallbackTo(fallback))).toBe(expected, undefined, lost);
    t.expectSubscriptions(fallback.subscriptions).toBe([]);
  });

  marble('lets progress pass without committing', (t) => {
    const source = t.cold('  -p-#   ', values, lost);
    const fallback = t.cold('   --b|', values);
    const expected = '       -p---b|';

    t.expectObservable(source.pipe(fallbackTo(fallback))).toBe(expected, values);
  });

  marble('needs no fallback for a source that is empty', (t) => {
    t.expectObservable(t.cold('--|').pipe(fallbackTo(of('b')))).toBe('--|');
  });

  marble('cancels the fallback and aborts its signal when the subscriber leaves', (t) => {
    const source = t.cold('  -#', undefined, lost);
    const fallback = t.cold('----b|');
    const leave = '          ---!';
    let signal: AbortSignal | undefined;

    const project = (_error: unknown, context: { signal: AbortSignal }) => {
      ({ signal } = context);
      return fallback;
    };
    t.expectObservable(source.pipe(fallbackTo(project)), leave).toBe('----');
    t.expectSubscriptions(fallback.subscriptions).toBe('-^-!');
    t.flush();
    expect(signal!.aborted).toBe(true);
  });

  it('hands the error to what makes the fallback, and takes promises and iterables', async () => {
    const failing = throwError(() => lost);
    const seen = await new Promise((resolve) => failing.pipe(fallbackTo(async (error) => error)).subscribe(resolve));
    expect(seen).toBe(lost);
    expect(errorOf(failing.pipe(fallbackTo([1])))).toBe('there is no error');
  });

  it('aborts no signal of a fallback that completes', () => {
    const signals: AbortSignal[] = [];
    throwError(() => lost)
      .pipe(fallbackTo((_error, { signal }) => (signals.push(signal), of(1))))
      .subscribe();
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  });

  it('asks the fallback for what the source has not sent', () => {
    const [source, fallback] = [new Steered<unknown>(), new Steered<unknown>()];
    const below = probe(source.flow.via(fallbackTo(fallback.flow)), 5);
    source.to.onNext(values.p);
    source.to.onError(lost);
    below.request(2);
    expect(fallback.runs[0]!.asked).toEqual([4, 2]);
  });
});

describe('the errors of fallbackTo', () => {
  it('are answered where `when` says so, else passed on, the same object', () => {
    const when = (error: unknown) => error !== lost;
    const failing = throwError(() => lost);
    expect(errorOf(failing.pipe(fallbackTo([1], { when })))).toBe(lost);
    expect(errorOf(throwError(() => 'other').pipe(fallbackTo([1], { when })))).toBe('there is no error');
  });

  it('pass where the caller aborted or the program is at fault', () => {
    const errors = [new AbortError('left'), new ConfigError('url', 'is wrong')];
    expect(errors.map((error) => errorOf(throwError(() => error).pipe(fallbackTo([1]))))).toEqual(errors);
  });

  it('of the fallback keep the first one as their cause, the same object', () => {
    const second = new Error('the cache is empty');
    const error = errorOf(throwError(() => lost).pipe(fallbackTo(throwError(() => second))));
    expect(error).toBe(second);
    expect(second.cause).toBe(lost);
    expect(Object.keys(second)).toEqual([]);
  });

  it('of the fallback stay as they are where they have a cause, are frozen, no errors, or the first one itself', () => {
    const own = new Error('own', { cause: 'other' });
    const frozen = Object.freeze(new Error('frozen'));
    for (const second of [own, frozen, 'text', lost]) {
      expect(errorOf(throwError(() => lost).pipe(fallbackTo(() => throwError(() => second))))).toBe(second);
    }
    expect([own.cause, 'cause' in frozen, 'cause' in lost]).toEqual(['other', false, false]);
  });

  it('pass on what `when` or the project throw, with the first one as the cause', () => {
    const fail = () => {
      throw new Error('a fault');
    };
    for (const operator of [fallbackTo(fail), fallbackTo([1], { when: fail })]) {
      expect(errorOf(throwError(() => lost).pipe(operator))).toMatchObject({ message: 'a fault', cause: lost });
    }
  });

  it('name a fallback that is no stream', () => {
    const wrong = 5 as unknown as Observable<number>;
    expect(errorOf(throwError(() => lost).pipe(fallbackTo(wrong)))).toBeInstanceOf(TypeError);
  });
});

describe('the events of fallbackTo', () => {
  it('tell what was answered by something else', () => {
    const told: PolicyEvent[] = [];
    const following = policyEvents.subscribe((event) => told.push(event));
    const clock = new HandClock();
    throwError(() => lost)
      .pipe(fallbackTo(EMPTY, { name: 'cache', clock }))
      .subscribe();
    of(1).pipe(fallbackTo(EMPTY, { clock })).subscribe();
    following.unsubscribe();
    expect(told).toEqual([{ type: 'fallback', policy: 'fallbackTo', name: 'cache', atMs: clock.now(), error: lost }]);
  });

  it('may have a listener that cancels: nothing is started', () => {
    const [source, fallback] = [new Steered<number>(), new Steered<number>()];
    const below = probe(source.flow.via(fallbackTo(fallback.flow)), 1);
    const following = policyEvents.subscribe(() => below.cancel());
    source.to.onError(lost);
    following.unsubscribe();
    expect([below.calls, fallback.runs.length]).toEqual([['onSubscribe'], 0]);
  });
});

describe('the options of fallbackTo', () => {
  it('are refused when they are not known', () => {
    expect(() => fallbackTo([1], { if: () => true } as object)).toThrow('fallbackTo.if: unknown option');
  });
});
