import { describe, expect, it } from 'vitest';

import { ConfigError, NetworkError, TimeoutError } from '../../lib/core/errors.js';
import { type PolicyEvent, policyEvents } from '../../lib/core/policy/policy-events.js';
import { probe } from '../../lib/testing/flow-probe.js';
import { obeysTheOperatorLaws } from '../../lib/testing/laws.js';
import { operatorObeysTheFlowRules } from '../../lib/testing/operator-rules.js';
import { deadline } from '../../operators/deadline.js';
import { gc } from '../support/gc.js';
import { marble } from '../support/marble.js';
import { HandClock, Steered } from '../support/steered.js';

const late = (ms: number) => new TimeoutError('total', ms, {}, 'deadline.totalMs');
const lost = new NetworkError('connection reset', 'receive');

describe('deadline', () => {
  // Of the laws' sources, one says nothing for ever: that is what this operator is for.
  obeysTheOperatorLaws((clock) => deadline({ clock }), { it, expect, except: ['silent'] });
  operatorObeysTheFlowRules(() => deadline(), { it, expect, gc });

  marble('fails what is not complete in time, and leaves the source', (t) => {
    const source = t.cold('  --a--b--c|');
    const expected = '       --a--b-#';

    const result = source.pipe(deadline({ totalMs: 7, clock: t.clock }));
    t.expectObservable(result).toBe(expected, undefined, late(7));
    t.expectSubscriptions(source.subscriptions).toBe('^------!');
  });

  marble('passes on what ends in time', (t) => {
    const operator = deadline<string>({ totalMs: 7, clock: t.clock });
    t.expectObservable(t.cold('--a--|').pipe(operator)).toBe('--a--|');
    t.expectObservable(t.cold('--a--#', undefined, lost).pipe(operator)).toBe('--a--#', undefined, lost);
  });

  marble('begins anew for each subscription', (t) => {
    const source = t.cold('  -----a|');
    const expected = '       -----a|';

    const result = source.pipe(deadline({ totalMs: 8, clock: t.clock }));
    t.expectObservable(result).toBe(expected);
    t.expectObservable(result, '-----^').toBe(`-----${expected}`);
  });

  marble('says in its error that a retry does not help', (t) => {
    const caught: unknown[] = [];
    t.cold('')
      .pipe(deadline({ totalMs: 5, clock: t.clock }))
      .subscribe({ error: (error) => caught.push(error) });
    t.flush();
    expect(caught).toMatchObject([{ which: 'total', limitMs: 5, retryable: false }]);
    expect(String(caught[0])).toContain('(deadline.totalMs)');
    expect('cause' in (caught[0] as object)).toBe(false);
  });

  marble('tells of it', (t) => {
    const told: PolicyEvent[] = [];
    const following = policyEvents.subscribe((event) => told.push(event));
    const atMs = t.clock.now() + 5;
    t.cold('')
      .pipe(deadline({ totalMs: 5, name: 'checkout', clock: t.clock }))
      .subscribe({ error: () => undefined });
    t.flush();
    following.unsubscribe();
    expect(told).toEqual([{ type: 'timeout', policy: 'deadline', name: 'checkout', atMs, which: 'total', limitMs: 5 }]);
  });

  it('runs whether or not something is asked for', () => {
    const clock = new HandClock();
    const source = new Steered<number>();
    const below = probe(source.flow.via(deadline({ totalMs: 10, clock })));
    clock.pass(10);
    expect([below.error, source.runs[0]!.cancelled, clock.timers]).toEqual([late(10), true, 0]);
  });

  it('starts nothing where there is no time at all', () => {
    const source = new Steered<number>();
    const below = probe(source.flow.via(deadline({ totalMs: 0, clock: new HandClock() })), 1);
    expect([below.calls, below.error, source.runs.length]).toEqual([['onSubscribe', 'onError'], late(0), 0]);
  });
});

describe('the moment of deadline', () => {
  marble('is a Date or milliseconds since 1970', (t) => {
    const atMs = t.clock.now() + 4;
    for (const at of [atMs, new Date(atMs)]) {
      const result = t.cold('--a------b').pipe(deadline({ at, clock: t.clock }));
      t.expectObservable(result).toBe('--a-#', undefined, late(4));
    }
  });

  marble('is the same for whoever comes later, who then has less time', (t) => {
    const result = t.cold('--a------b').pipe(deadline({ at: t.clock.now() + 6, clock: t.clock }));
    t.expectObservable(result).toBe('      --a---#', undefined, late(6));
    t.expectObservable(result, '---^').toBe('-----a#', undefined, late(3));
  });

  marble('that is over fails at once and starts nothing', (t) => {
    const source = t.cold('a|');
    t.expectObservable(source.pipe(deadline({ at: 0, clock: t.clock }))).toBe('#', undefined, late(0));
    t.expectSubscriptions(source.subscriptions).toBe([]);
  });

  marble('counts where it is earlier than the total time, and the total time where that is', (t) => {
    const at = t.clock.now() + 4;
    const never = t.cold('');
    t.expectObservable(never.pipe(deadline({ at, totalMs: 9, clock: t.clock }))).toBe('----#', undefined, late(4));
    t.expectObservable(never.pipe(deadline({ at, totalMs: 2, clock: t.clock }))).toBe('--#', undefined, late(2));
  });
});

describe('the options of deadline', () => {
  it('are refused when they are wrong, naming the field', () => {
    expect(() => deadline(-1)).toThrow(ConfigError);
    expect(() => deadline(NaN)).toThrow('deadline.totalMs: must be a number, 0 or more, not NaN');
    expect(() => deadline({ at: new Date('never') })).toThrow('deadline.at: must be a valid Date');
    expect(() => deadline({ leastAttemptMs: -1 })).toThrow('deadline.leastAttemptMs: must be a number');
    expect(() => deadline({ totalMs: 5, leastAttemptMs: 6 })).toThrow('must not be more than totalMs, 5');
    expect(() => deadline({ total: 5 } as object)).toThrow('deadline.total: unknown option; did you mean "totalMs"?');
  });
});
