import { BehaviorSubject, EMPTY, NEVER, type Observable, of, Subject } from 'rxjs';
import { expect, it } from 'vitest';

import type { Clock } from '../../lib/core/clock.js';
import { ConfigError, NetworkError } from '../../lib/core/errors.js';
import type { FlowOperator } from '../../lib/core/flow.js';
import type { Concurrency, LimitSource } from '../../lib/core/policy/limit-source.js';
import { probe } from '../../lib/testing/flow-probe.js';
import { Upstream } from '../../lib/testing/upstream.js';
import { marble } from './marble.js';

type Make = (
  project: (value: string | number) => Observable<unknown>,
  options: { readonly concurrency: Concurrency; readonly clock?: Clock },
) => FlowOperator<string | number, unknown>;

const limits = { 0: 0, 1: 1, 2: 2, 3: 3 };

/**
 * Registers tests on an operator whose concurrency may change while it runs.
 *
 * @param lookAhead - values that it takes in beyond those that have a place
 */
export function obeysALimitThatChanges(make: Make, lookAhead = 0): void {
  followsItsLimit(make);
  asksForWhatItsLimitAllows(make, lookAhead);
  endsWithItsLimit(make);
  tellsItsLimit(make);
}

function followsItsLimit(make: Make): void {
  marble('starts what waits when the limit rises', (t) => {
    const source = t.cold('     (abc|)    ');
    const concurrency = t.cold('1--3      ', limits);
    const call = t.cold('       -----|    ');

    t.expectObservable(source.pipe(make(() => call, { concurrency }))).toBe('--------|');
    t.expectSubscriptions(call.subscriptions).toBe(['^----!', '---^----!', '---^----!']);
    t.expectSubscriptions(concurrency.subscriptions).toBe('^-------!');
  });

  marble('stops nobody when the limit falls, and starts none until few enough run', (t) => {
    const source = t.cold('     (abcd|) ');
    const concurrency = t.cold('3--1    ', limits);
    const calls = new Map(Object.entries({ a: t.cold('----|'), b: t.cold('-----|'), c: t.cold('------|') }));
    const d = t.cold('          -|');

    t.expectObservable(source.pipe(make((name) => calls.get(String(name)) ?? d, { concurrency }))).toBe('-------|');
    for (const [name, subscription] of Object.entries({ a: '^---!', b: '^----!', c: '^-----!' })) {
      t.expectSubscriptions(calls.get(String(name))!.subscriptions).toBe(subscription);
    }
    t.expectSubscriptions(d.subscriptions).toBe('------^!');
  });

  marble('starts nothing before the limit is known, nor while it is 0', (t) => {
    const source = t.cold('     (abc|)    ');
    const concurrency = t.cold('--1-0---2 ', limits);
    const call = t.cold('       ---|      ');

    t.expectObservable(source.pipe(make(() => call, { concurrency }))).toBe('-----------|');
    t.expectSubscriptions(call.subscriptions).toBe(['--^--!', '--------^--!', '--------^--!']);
  });

  it('keeps a limit for each subscription', () => {
    const concurrency = new Subject<number>();
    const started: unknown[] = [];
    const shown = of('a', 'b').pipe(make((name) => (started.push(name), NEVER), { concurrency }));
    shown.subscribe();
    concurrency.next(1);
    shown.subscribe();
    expect(started).toEqual(['a']);
    concurrency.next(2);
    expect(started).toEqual(['a', 'b', 'a', 'b']);
  });
}

function asksForWhatItsLimitAllows(make: Make, lookAhead: number): void {
  it('asks for more when the limit rises, and for none while more are here than it allows', () => {
    const concurrency = new BehaviorSubject(8);
    const source = new Upstream();
    const calls: Subject<unknown>[] = [];
    const merge = make(() => calls[calls.push(new Subject()) - 1]!, { concurrency });
    const below = probe(source.flow.via(merge), Infinity);
    expect(source.requested).toBe(8 + lookAhead);
    for (let n = 0; n < 4; n++) source.send();
    concurrency.next(2);
    for (let n = 0; n < 4 + lookAhead; n++) source.send();
    for (const call of calls.splice(0)) call.complete();
    expect([calls.length, source.requested]).toEqual([2, 8 + lookAhead]);
    concurrency.next(100);
    expect(source.requested).toBe(104 + lookAhead);
    below.cancel();
  });

  it('does not pile up on the stack what came when the limit had fallen', () => {
    const concurrency = new BehaviorSubject(Infinity);
    const source = new Upstream();
    const first = new Subject();
    let started = 0;
    const below = probe(source.flow.via(make(() => (started++ === 0 ? first : EMPTY), { concurrency })), 1);
    concurrency.next(1);
    for (let n = 0; n < 100_000; n++) source.send();
    first.complete();
    source.complete();
    expect([started, below.ending]).toEqual([100_000, 'complete']);
  });
}

function endsWithItsLimit(make: Make): void {
  marble('fails when the limit does, and cancels all', (t) => {
    const source = t.cold('     a---b  ');
    const concurrency = t.cold('2--#   ', limits);
    const call = t.cold('       -----| ');

    t.expectObservable(source.pipe(make(() => call, { concurrency }))).toBe('---#');
    t.expectSubscriptions(source.subscriptions).toBe('^--!');
    t.expectSubscriptions(call.subscriptions).toBe('^--!');
  });

  it('fails with a ConfigError when the limit is none', () => {
    const errors: unknown[] = [];
    const refused = make(() => NEVER, { concurrency: of(-1) });
    of('a')
      .pipe(refused)
      .subscribe({ error: (error: unknown) => errors.push(error) });
    expect(errors).toEqual([expect.any(ConfigError)]);
  });

  it('leaves the limit when the subscriber leaves', () => {
    const concurrency = new Subject<number>();
    const subscription = NEVER.pipe(make(() => NEVER, { concurrency })).subscribe();
    expect(concurrency.observed).toBe(true);
    subscription.unsubscribe();
    expect(concurrency.observed).toBe(false);
  });
}

function tellsItsLimit(make: Make): void {
  marble('tells a limit that adapts how long each call took, how many ran and how it ended', (t) => {
    const samples: unknown[] = [];
    const concurrency: LimitSource = {
      limit: 3,
      changes: NEVER,
      sample: (...given) => samples.push([t.clock.now() % 1_000, ...given]),
    };
    const source = t.cold('     a-b-c ');
    const a = t.cold('          ------x|');
    const b = t.cold('            -|');
    const lost = new NetworkError('lost', 'connect');
    const calls = new Map(Object.entries({ a, b, c: t.cold('-#', {}, lost) }));
    source
      .pipe(make((name) => calls.get(String(name))!, { concurrency, clock: t.clock }))
      .subscribe({ error: () => undefined });
    t.flush();
    // An operator may cancel a when c fails, or go on.
    expect(samples.slice(0, 2)).toEqual([
      [3, 1, 2, 'success'],
      [5, 1, 2, 'failure'],
    ]);
    expect([
      [5, 5, 1, 'ignored'],
      [7, 7, 1, 'success'],
    ]).toContainEqual(samples[2]);
    expect(samples).toHaveLength(3);
  });
}
