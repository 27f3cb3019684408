import { defer, firstValueFrom, NEVER, Observable, of, Subject, take, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';

import type { Clock } from '../../lib/core/clock.js';
import { ConfigError } from '../../lib/core/errors.js';
import { obeysTheOperatorLaws } from '../../lib/testing/laws.js';
import { shareFor } from '../../operators/share-for.js';
import { marble } from '../support/marble.js';

const lost = new Error('lost');

/** A clock whose timers the test lets ring. */
function handClock() {
  const timers = new Set<() => void>();
  const clock: Clock = { now: () => 0, after: (_, run) => (timers.add(run), () => void timers.delete(run)) };
  const ring = () => {
    for (const run of timers) if (timers.delete(run)) run();
  };
  return { clock, ring, waiting: () => timers.size };
}

describe('shareFor', () => {
  // Sharing is its nature.
  obeysTheOperatorLaws((clock) => shareFor({ clock }), { it, expect, except: ['unshared'] });

  // One value more: who leaves within a value waits for completion behind it.
  describe('with a replay', () => {
    const except = ['unshared', 'stopped'] as const;
    obeysTheOperatorLaws((clock) => shareFor({ replayMs: 5, clock }), { it, expect, except });
  });

  marble('subscribes to the source once for all, and gives the last value to who comes late', (t) => {
    const source = t.cold('  -a-b-c|');
    const late = '           ----^  ';
    const expected = '       ----bc|';

    const shared = source.pipe(shareFor({ clock: t.clock }));
    t.expectObservable(shared).toBe('-a-b-c|');
    t.expectObservable(shared, late).toBe(expected);
    t.expectSubscriptions(source.subscriptions).toBe('^-----!');
  });

  marble('gives as many of the last values as it keeps', (t) => {
    const source = t.cold('  abc----d|');
    const late = '           ---^     ';
    const expected = '       ---(bc)d|';

    const shared = source.pipe(shareFor({ capacity: 2, clock: t.clock }));
    t.expectObservable(shared).toBe('abc----d|');
    t.expectObservable(shared, late).toBe(expected);
  });

  marble('gives its answer for replayMs after it completed, then asks anew', (t) => {
    const source = t.cold('  a|');
    const soon = '           ----^     ';
    const later = '          --------^ ';

    const shared = source.pipe(shareFor({ replayMs: 5, clock: t.clock }));
    t.expectObservable(shared).toBe('       a|        ');
    t.expectObservable(shared, soon).toBe(' ----(a|) ');
    t.expectObservable(shared, later).toBe('--------a|');
    t.expectSubscriptions(source.subscriptions).toBe(['^!', '--------^!']);
  });

  marble('asks anew as soon as it has completed without replayMs', (t) => {
    const source = t.cold('  a|');
    const shared = source.pipe(shareFor({ clock: t.clock }));
    t.expectObservable(shared).toBe('     a|  ');
    t.expectObservable(shared, '--^').toBe('--a|');
    t.expectSubscriptions(source.subscriptions).toBe(['^!', '--^!']);
  });

  marble('keeps the source for lingerMs after the last subscriber left, then cancels it', (t) => {
    const source = t.cold('  -a---b-------');
    const first = '          ^-!          ';
    const second = '         ----^---!    ';
    const expected = '       ----ab---    ';

    const shared = source.pipe(shareFor({ lingerMs: 3, clock: t.clock }));
    t.expectObservable(shared, first).toBe('-a-');
    t.expectObservable(shared, second).toBe(expected);
    t.expectSubscriptions(source.subscriptions).toBe('^----------!');
  });

  marble('cancels the source at once without lingerMs', (t) => {
    const source = t.cold('  -a---b-------');
    const shared = source.pipe(shareFor({ clock: t.clock }));
    t.expectObservable(shared, '^-!').toBe('-a-');
    t.expectObservable(shared, '^--!').toBe('-a--');
    t.expectSubscriptions(source.subscriptions).toBe('^--!');
  });

  marble('keeps the answer of a source that completes while it lingers', (t) => {
    const source = t.cold('  ---a|');
    const shared = source.pipe(shareFor({ lingerMs: 9, replayMs: 9, clock: t.clock }));
    t.expectObservable(shared, '^!').toBe('-');
    t.expectObservable(shared, '-------^').toBe('-------(a|)');
    t.expectSubscriptions(source.subscriptions).toBe('^---!');
  });

  marble('passes an error to all, the same object, and asks anew for the next one', (t) => {
    const source = t.cold('  a-#', undefined, lost);
    const shared = source.pipe(shareFor({ replayMs: 99, lingerMs: 99, clock: t.clock }));
    t.expectObservable(shared).toBe('         a-#', undefined, lost);
    t.expectObservable(shared, '-^').toBe('   -a#', undefined, lost);
    t.expectObservable(shared, '-----^').toBe('-----a-#', undefined, lost);
    t.expectSubscriptions(source.subscriptions).toBe(['^-!', '-----^-!']);
  });

  marble('forgets an error that comes while it lingers', (t) => {
    const source = t.cold('  ---#', undefined, lost);
    const shared = source.pipe(shareFor({ lingerMs: 99, clock: t.clock }));
    t.expectObservable(shared, '^!').toBe('-');
    t.expectObservable(shared, '-----^').toBe('--------#', undefined, lost);
    t.expectSubscriptions(source.subscriptions).toBe(['^--!', '-----^--!']);
  });
});

describe('the timers of shareFor', () => {
  it('are one while it lingers, and none when somebody comes back', () => {
    const { clock, ring, waiting } = handClock();
    const source = new Subject<number>();
    const shared = source.pipe(shareFor({ lingerMs: 5, clock }));
    const subscription = shared.subscribe();
    expect(waiting()).toBe(0);
    subscription.unsubscribe();
    expect([waiting(), source.observed]).toEqual([1, true]);
    const again = shared.subscribe();
    expect([waiting(), source.observed]).toEqual([0, true]);
    again.unsubscribe();
    ring();
    expect([waiting(), source.observed]).toEqual([0, false]);
  });

  it('are one while it replays, and the answer is gone with it', () => {
    const { clock, ring, waiting } = handClock();
    let calls = 0;
    const shared = defer(() => of(++calls)).pipe(shareFor({ replayMs: 5, lingerMs: 5, clock }));
    const results: number[] = [];
    const ask = () => shared.subscribe((n) => results.push(n)).unsubscribe();
    for (let n = 0; n < 3; n++) ask();
    expect([results, waiting()]).toEqual([[1, 1, 1], 1]);
    ring();
    expect(waiting()).toBe(0);
    ask();
    expect(results).toEqual([1, 1, 1, 2]);
  });

  it('are none where it replays and lingers for good', () => {
    const { clock, waiting } = handClock();
    const source = new Subject<number>();
    const shared = source.pipe(shareFor({ replayMs: Infinity, lingerMs: Infinity, clock }));
    shared.subscribe().unsubscribe();
    expect([waiting(), source.observed]).toEqual([0, true]);
    source.next(1);
    source.complete();
    const results: number[] = [];
    shared.subscribe((n) => results.push(n));
    expect([waiting(), results]).toEqual([0, [1]]);
  });
});

describe('leaving shareFor within a value', () => {
  /** Sends 1, 2, 3, ... and completes after the last one. */
  function counted(last: number) {
    const world = { sent: 0, calls: 0 };
    const source = new Observable<number>((subscriber) => {
      world.calls++;
      for (let n = 1; n <= last && !subscriber.closed; n++) subscriber.next((world.sent = n));
      subscriber.complete();
    });
    return { world, source };
  }

  it('leaves the source when nobody else is there', () => {
    const { world, source } = counted(100);
    source.pipe(shareFor(), take(3)).subscribe();
    expect(world.sent).toBe(3);
  });

  it('keeps the answer of a source that then completes', async () => {
    const { world, source } = counted(1);
    const { clock } = handClock();
    const shared = source.pipe(shareFor({ replayMs: 5, clock }));
    expect([await firstValueFrom(shared), await firstValueFrom(shared), world.calls]).toEqual([1, 1, 1]);
  });

  it('leaves a source that sends another value instead, and asks anew', () => {
    const { world, source } = counted(100);
    const { clock, waiting } = handClock();
    const shared = source.pipe(shareFor({ replayMs: 5, clock }));
    const results: number[] = [];
    for (let n = 0; n < 2; n++) shared.pipe(take(1)).subscribe((value) => results.push(value));
    expect([results, world, waiting()]).toEqual([[1, 1], { sent: 2, calls: 2 }, 0]);
  });

  it('leaves a source that does neither in the same turn', async () => {
    const source = new Subject<number>();
    const { clock } = handClock();
    source.pipe(shareFor({ replayMs: 5, clock }), take(1)).subscribe();
    source.next(1);
    expect(source.observed).toBe(true);
    await Promise.resolve();
    expect(source.observed).toBe(false);
  });

  it('goes on for one who comes in the same turn', async () => {
    const source = new Subject<number>();
    const { clock } = handClock();
    const shared = source.pipe(shareFor({ replayMs: 5, clock }));
    shared.pipe(take(1)).subscribe();
    source.next(1);
    const results: number[] = [];
    shared.subscribe((n) => results.push(n));
    await Promise.resolve();
    source.next(2);
    expect(results).toEqual([1, 2]);
  });
});

describe('the options of shareFor', () => {
  it.each([
    [{ replayMs: -1 }, 'shareFor.replayMs: must be a number, 0 or more, not -1'],
    [{ lingerMs: NaN }, 'shareFor.lingerMs: must be a number, 0 or more, not NaN'],
    [{ capacity: 0 }, 'shareFor.capacity: must be a positive whole number or Infinity, not 0'],
    [{ replay: 1 }, 'did you mean "replayMs"?'],
  ])('refuse %o', (options, message) => {
    expect(() => NEVER.pipe(shareFor(options as object))).toThrow(ConfigError);
    expect(() => throwError(() => lost).pipe(shareFor(options as object))).toThrow(message);
  });
});
