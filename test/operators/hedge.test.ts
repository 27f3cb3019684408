import { defer, NEVER, Observable, of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { DecodeError } from '../../lib/core/answer-errors.js';
import { AbortError, NetworkError, RejectedError } from '../../lib/core/errors.js';
import { createHedge } from '../../lib/core/policy/hedge.js';
import { PROGRESS } from '../../lib/core/progress.js';
import { obeysTheOperatorLaws } from '../../lib/testing/laws.js';
import { operatorObeysTheFlowRules } from '../../lib/testing/operator-rules.js';
import { hedge } from '../../operators/hedge.js';
import { gc } from '../support/gc.js';
import { marble } from '../support/marble.js';

const lost = new NetworkError('connection reset', 'receive');
const other = new NetworkError('another reset', 'receive');
const busy = new NetworkError('come back later', 'receive', { retryAfterMs: 50 });
const used = new NetworkError('retried already', 'receive', { retryable: false });
const foreign = new Error('foreign');
const local = new RejectedError('queue-full', 'full');

/** An Observable that is another one at each subscription. */
function inTurn<T>(...attempts: Observable<T>[]): Observable<T> {
  let subscriptions = 0;
  return defer(() => attempts[subscriptions++]!);
}

describe('hedge', () => {
  obeysTheOperatorLaws((clock) => hedge(createHedge({ clock })), { it, expect });
  operatorObeysTheFlowRules(() => hedge(createHedge()), { it, expect, gc });
  describe('at once', () => {
    obeysTheOperatorLaws((clock) => hedge(createHedge({ clock, delayMs: 'live', minSamples: 1 })), { it, expect });
  });

  it('refuses what is no hedge', () => {
    expect(() => hedge({} as never)).toThrow('hedge.shared: must be what createHedge() returns');
  });

  marble('starts nothing when the call is quick', (t) => {
    const source = t.cold(' -a-b-|');
    const expected = '      -a-b-|';

    t.expectObservable(source.pipe(hedge(createHedge({ delayMs: 2, clock: t.clock })))).toBe(expected);
    t.expectSubscriptions(source.subscriptions).toBe('^----!');
  });

  marble('starts a second attempt when the first takes too long, and cancels it when that one wins', (t) => {
    const first = t.cold('  -----a-b|');
    const second = t.cold('   ------c|');
    const expected = '      -----a-b|';

    const shared = createHedge({ delayMs: 2, clock: t.clock });
    t.expectObservable(inTurn(first, second).pipe(hedge(shared))).toBe(expected);
    t.expectSubscriptions(first.subscriptions).toBe('^-------!');
    t.expectSubscriptions(second.subscriptions).toBe('--^--!');
    t.flush();
    expect(shared.state).toMatchObject({ calls: 1, hedges: 1, wins: 0 });
  });

  marble('goes on with the second attempt when that is the first with a value', (t) => {
    const first = t.cold('  -----a|');
    const second = t.cold('   -c-d|');
    const expected = '      ---c-d|';

    const shared = createHedge({ delayMs: 2, clock: t.clock });
    t.expectObservable(inTurn(first, second).pipe(hedge(shared))).toBe(expected);
    t.expectSubscriptions(first.subscriptions).toBe('^--!');
    t.expectSubscriptions(second.subscriptions).toBe('--^---!');
    t.flush();
    expect(shared.state).toMatchObject({ hedges: 1, wins: 1 });
  });

  marble('starts nothing after the first value, however long the next takes', (t) => {
    const source = t.cold(' a---------b|');
    const expected = '      a---------b|';

    t.expectObservable(source.pipe(hedge(createHedge({ delayMs: 2, clock: t.clock })))).toBe(expected);
    t.expectSubscriptions(source.subscriptions).toBe('^----------!');
  });

  marble('passes an error after the first value on, unhedged', (t) => {
    const source = t.cold(' a--#', undefined, lost);
    t.expectObservable(source.pipe(hedge(createHedge({ delayMs: 2, clock: t.clock })))).toBe('a--#', undefined, lost);
    t.expectSubscriptions(source.subscriptions).toBe('^--!');
  });

  marble('takes an attempt that completes without a value for the winner', (t) => {
    const first = t.cold('  -----a|');
    const second = t.cold('   -|');
    t.expectObservable(inTurn(first, second).pipe(hedge(createHedge({ delayMs: 2, clock: t.clock })))).toBe('---|');
    t.expectSubscriptions(first.subscriptions).toBe('^--!');
  });

  marble('starts the hedge at once when the first attempt fails in a way that may pass', (t) => {
    const first = t.cold('  -#', undefined, lost);
    const second = t.cold('  -c|');
    t.expectObservable(inTurn(first, second).pipe(hedge(createHedge({ delayMs: 9, clock: t.clock })))).toBe('--c|');
    t.expectSubscriptions(second.subscriptions).toBe('-^-!');
  });

  marble('ends at once when either fails in a way that does not pass', (t) => {
    for (const error of [new DecodeError('no JSON'), new AbortError('enough'), foreign]) {
      const fails = t.cold('  ---#', undefined, error);
      const silent = t.cold(' -');
      const shared = () => hedge(createHedge({ delayMs: 2, clock: t.clock }));
      t.expectObservable(inTurn<string>(fails, silent).pipe(shared())).toBe('---#', undefined, error);
      t.expectObservable(inTurn<string>(silent, fails).pipe(shared())).toBe('-----#', undefined, error);
      t.expectSubscriptions(silent.subscriptions).toBe(['^----!', '--^!']);
    }
  });

  marble('waits for the other when one fails in a way that may pass, or is turned away on this side', (t) => {
    for (const error of [lost, busy, used, local]) {
      const fails = t.cold(' ---#', undefined, error);
      const wins = t.cold('  ------a|');
      const shared = () => hedge(createHedge({ delayMs: 2, clock: t.clock }));
      t.expectObservable(inTurn<string>(fails, wins).pipe(shared())).toBe('--------a|');
      t.expectObservable(inTurn<string>(wins, fails).pipe(shared())).toBe('------a|');
    }
  });

  marble("passes the first attempt's error on when both fail, whichever was later", (t) => {
    const early = t.cold('  ---#', undefined, lost);
    const late = t.cold('   ------#', undefined, other);
    const shared = () => hedge(createHedge({ delayMs: 2, clock: t.clock }));
    t.expectObservable(inTurn<string>(early, late).pipe(shared())).toBe('--------#', undefined, lost);
    t.expectObservable(inTurn<string>(late, early).pipe(shared())).toBe('------#', undefined, other);
  });

  marble('starts none for a failure that must not be repeated: told to wait, retried already, turned away', (t) => {
    for (const error of [busy, used, local]) {
      const source = t.cold('-#', undefined, error);
      t.expectObservable(source.pipe(hedge(createHedge({ delayMs: 2, clock: t.clock })))).toBe('-#', undefined, error);
      t.expectSubscriptions(source.subscriptions).toBe('^!');
    }
  });

  marble('starts one hedge after the other, up to maxHedges', (t) => {
    const source = t.cold(' ---------a|');
    const shared = createHedge({ delayMs: 2, maxHedges: 2, clock: t.clock });
    t.expectObservable(source.pipe(hedge(shared))).toBe('---------a|');
    t.expectSubscriptions(source.subscriptions).toBe(['^---------!', '--^------!', '----^----!']);
  });

  marble('starts the next hedge at once when one fails', (t) => {
    const slow = t.cold('   --------a|');
    const fails = t.cold('    -#', undefined, lost);
    const third = t.cold('     -c|');
    const shared = createHedge({ delayMs: 2, maxHedges: 2, clock: t.clock });
    t.expectObservable(inTurn<string>(slow, fails, third).pipe(hedge(shared))).toBe('----c|');
    t.expectSubscriptions(third.subscriptions).toBe('---^-!');
  });

  marble('cancels all attempts when the subscriber leaves, and starts none after that', (t) => {
    const source = t.cold(' -');
    const shared = createHedge({ delayMs: 3, maxHedges: 5, clock: t.clock });
    t.expectObservable(source.pipe(hedge(shared)), '----!').toBe('-');
    t.expectObservable(source.pipe(hedge(shared)), '--!').toBe('-');
    t.expectSubscriptions(source.subscriptions).toBe(['^---!', '^-!', '---^!']);
  });
});

describe('the progress events of hedged calls', () => {
  const values = {
    s: { [PROGRESS]: true, what: 'sent by the first' },
    t: { [PROGRESS]: true, what: 'sent by the hedge' },
    h: { [PROGRESS]: true, what: 'head of the hedge' },
    a: 'a',
    b: 'b',
    c: 'c',
  };

  marble('pass without winning, and those of a hedge in front of its first value', (t) => {
    const first = t.cold('  s-----a|', values);
    const second = t.cold('   th-(bc|)', values);
    const expected = '      s----(thbc|)';
    t.expectObservable(inTurn(first, second).pipe(hedge(createHedge({ delayMs: 2, clock: t.clock })))).toBe(
      expected,
      values,
    );
    t.expectSubscriptions(first.subscriptions).toBe('^----!');
  });

  marble('of a hedge that loses are dropped', (t) => {
    const first = t.cold('  s-----a|', values);
    const second = t.cold('   th-------b|', values);
    const expected = '      s-----a|';
    t.expectObservable(inTurn(first, second).pipe(hedge(createHedge({ delayMs: 2, clock: t.clock })))).toBe(
      expected,
      values,
    );
  });

  it('are kept up to 64', () => {
    const progress = { [PROGRESS]: true };
    const hedged = new Observable<unknown>((subscriber) => {
      for (let n = 0; n < 1_000; n++) subscriber.next(progress);
      subscriber.next('value');
    });
    const seen: unknown[] = [];
    const source = inTurn(throwError(() => lost) as Observable<unknown>, hedged, NEVER);
    source.pipe(hedge(createHedge({ delayMs: 1_000 }))).subscribe((value) => seen.push(value));
    expect([seen.length, seen.at(-1)]).toEqual([65, 'value']);
  });
});

describe('hedge among those who throw', () => {
  it('does not lose the value of the winner to a loser that throws when it is cancelled', async () => {
    const thrower = new Observable<string>(() => () => {
      throw new Error('thrown by a teardown');
    });
    const reported = new Promise((resolve) => process.once('uncaughtException', resolve));
    const value = await new Promise((resolve) =>
      inTurn(thrower, of('value'))
        .pipe(hedge(createHedge({ delayMs: 1 })))
        .subscribe(resolve),
    );
    expect(value).toBe('value');
    expect(String(await reported)).toContain('thrown by a teardown');
  });
});
