import { describe, expect, it } from 'vitest';

import { ConfigError, NetworkError, TimeoutError } from '../../lib/core/errors.js';
import { type PolicyEvent, policyEvents } from '../../lib/core/policy/policy-events.js';
import { PROGRESS } from '../../lib/core/progress.js';
import { probe } from '../../lib/testing/flow-probe.js';
import { obeysTheOperatorLaws } from '../../lib/testing/laws.js';
import { operatorObeysTheFlowRules } from '../../lib/testing/operator-rules.js';
import { Upstream } from '../../lib/testing/upstream.js';
import { retryBackoff } from '../../operators/retry-backoff.js';
import { timeoutEach } from '../../operators/timeout-each.js';
import { gc } from '../support/gc.js';
import { marble } from '../support/marble.js';
import { HandClock, Steered } from '../support/steered.js';

const tooSlow = (ms: number) => new TimeoutError('attempt', ms, {}, 'timeoutEach.attemptMs');
const values = { p: { [PROGRESS]: true }, a: 'answer' };

describe('timeoutEach', () => {
  // Of the laws' sources, one says nothing for ever: that is what this operator is for.
  obeysTheOperatorLaws((clock) => timeoutEach({ clock }), { it, expect, except: ['silent'] });
  operatorObeysTheFlowRules(() => timeoutEach(), { it, expect, gc });

  marble('fails when no value has come in time, and leaves the source', (t) => {
    const source = t.cold('  ------a|');
    const expected = '       ----#';

    const result = source.pipe(timeoutEach({ attemptMs: 4, clock: t.clock }));
    t.expectObservable(result).toBe(expected, undefined, tooSlow(4));
    t.expectSubscriptions(source.subscriptions).toBe('^---!');
  });

  marble('lets a stream take its time after the first value', (t) => {
    const source = t.cold('  --a-------b-|');
    const expected = '       --a-------b-|';

    t.expectObservable(source.pipe(timeoutEach({ attemptMs: 4, clock: t.clock }))).toBe(expected);
  });

  marble('fails an attempt that sends progress but no value', (t) => {
    const source = t.cold('  -p-p-p-p-a|', values);
    const expected = '       -p-p-#';

    const result = source.pipe(timeoutEach({ attemptMs: 5, clock: t.clock }));
    t.expectObservable(result).toBe(expected, values, tooSlow(5));
  });

  marble('passes an error on that comes in time', (t) => {
    const lost = new NetworkError('connection reset', 'receive');
    const source = t.cold('  --#', undefined, lost);
    const expected = '       --#';

    t.expectObservable(source.pipe(timeoutEach({ attemptMs: 4, clock: t.clock }))).toBe(expected, undefined, lost);
  });

  marble('lets an empty source complete in time', (t) => {
    t.expectObservable(t.cold('--|').pipe(timeoutEach({ attemptMs: 4, clock: t.clock }))).toBe('--|');
  });

  marble('gives each attempt of a retry the whole time', (t) => {
    const source = t.cold('  ---------a|');
    const expected = '       -----------#';

    const each = timeoutEach<string>({ attemptMs: 3, clock: t.clock });
    const retried = source.pipe(each, retryBackoff({ attempts: 2, backoff: () => 5, clock: t.clock }));
    t.expectObservable(retried).toBe(expected, undefined, tooSlow(3));
    t.expectSubscriptions(source.subscriptions).toBe(['^--!', '--------^--!']);
  });

  marble('never times out with Infinity', (t) => {
    const source = t.cold('10s a|');
    t.expectObservable(source.pipe(timeoutEach({ attemptMs: Infinity, clock: t.clock }))).toBe('10s a|');
  });

  marble('says in its error what ran out and that one more attempt may help', (t) => {
    const caught: unknown[] = [];
    t.cold('')
      .pipe(timeoutEach({ attemptMs: 5, clock: t.clock }))
      .subscribe({ error: (error) => caught.push(error) });
    t.flush();
    expect(caught).toMatchObject([{ kind: 'timeout', which: 'attempt', limitMs: 5, retryable: true, transient: true }]);
    expect(String(caught[0])).toContain('within the attempt limit of 5 ms (timeoutEach.attemptMs)');
  });

  marble('tells of it', (t) => {
    const told: PolicyEvent[] = [];
    const following = policyEvents.subscribe((event) => told.push(event));
    const operator = timeoutEach<string>({ attemptMs: 5, name: 'prices', clock: t.clock });
    t.cold('')
      .pipe(operator)
      .subscribe({ error: () => undefined });
    const atMs = t.clock.now() + 5;
    t.flush();
    following.unsubscribe();
    expect(told).toEqual([
      { type: 'timeout', policy: 'timeoutEach', name: 'prices', atMs, which: 'attempt', limitMs: 5 },
    ]);
  });

  it('refuses a wrong limit, naming the field', () => {
    expect(() => timeoutEach(NaN)).toThrow(ConfigError);
    expect(() => timeoutEach(-1)).toThrow('timeoutEach.attemptMs: must be a number, 0 or more, not -1');
    expect(() => timeoutEach({ ms: 5 } as object)).toThrow('timeoutEach.ms: unknown option');
    expect(() => timeoutEach('5' as unknown as number)).toThrow('timeoutEach: options must be a plain object');
  });
});

describe('the time that timeoutEach counts', () => {
  it('begins with the first request', () => {
    const clock = new HandClock();
    const source = new Upstream();
    const below = probe(source.flow.via(timeoutEach({ attemptMs: 10, clock })));
    clock.pass(50);
    expect([below.ending, clock.timers]).toEqual([undefined, 0]);
    below.request(1);
    clock.pass(9);
    expect(below.ending).toBeUndefined();
    clock.pass(1);
    expect(below.error).toEqual(tooSlow(10));
    expect([source.cancels, clock.timers]).toEqual([1, 0]);
  });

  it('stands still while progress has used up what was asked for', () => {
    const clock = new HandClock();
    const source = new Steered();
    const below = probe(source.flow.via(timeoutEach({ attemptMs: 10, clock })), 1);
    clock.pass(6);
    source.to.onNext(values.p);
    clock.pass(100);
    expect([below.ending, clock.timers]).toEqual([undefined, 0]);
    below.request(1);
    clock.pass(3);
    expect(below.ending).toBeUndefined();
    clock.pass(1);
    expect(below.error).toEqual(tooSlow(10));
  });

  it('goes on when more is asked for while progress is being passed on', () => {
    const clock = new HandClock();
    const source = new Steered();
    const asking = (one: { request(n: number): void }) => one.request(1);
    const below = probe(source.flow.via(timeoutEach({ attemptMs: 10, clock })), 1, asking);
    for (const _ of [1, 2, 3]) {
      clock.pass(3);
      source.to.onNext(values.p);
    }
    clock.pass(1);
    expect([below.values.length, below.error]).toEqual([3, tooSlow(10)]);
  });

  it('takes one timer for a thousand attempts', () => {
    const clock = new HandClock();
    const operator = timeoutEach<number>({ attemptMs: 10, clock });
    const runs = Array.from({ length: 1_000 }, () => probe(new Upstream().flow.via(operator), 1));
    expect(clock.timers).toBe(1);
    for (const run of runs) run.cancel();
    expect(clock.timers).toBe(0);
  });
});
