import { setImmediate as turn } from 'node:timers/promises';

import { Observable, of, type Subscriber } from 'rxjs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { createCoalescer } from '../../lib/core/policy/coalescer.js';
import { seededRandom } from '../../lib/testing/seeded-random.js';
import { coalesceMap } from '../../operators/coalesce-map.js';

const lost = new Error('lost');

/** Those who ask for one and the same thing; each call that is made for them is ended by hand. */
function crowd() {
  const coalescer = createCoalescer<string>();
  const calls: Subscriber<string>[] = [];
  const signals: AbortSignal[] = [];
  const project = (_: string, { signal }: { signal: AbortSignal }) => {
    signals.push(signal);
    return new Observable<string>((call) => void calls.push(call));
  };
  const ask = () => {
    const told: unknown[] = [];
    const asking = of('key')
      .pipe(coalesceMap(project, (key) => key, { coalescer }))
      .subscribe({ next: (value) => told.push(value), error: (error: unknown) => told.push(error) });
    return { told, leave: () => asking.unsubscribe() };
  };
  return { coalescer, calls, signals, ask };
}

describe('bugs of other single flights that this one does not have', () => {
  // Also ofetch #525: one that aborts must be the only one that is told of it.
  it('undici #5711: whoever asked first cancels it for all when he leaves', () => {
    const { calls, signals, ask } = crowd();
    const [first, ...others] = Array.from({ length: 10 }, ask);
    first!.leave();
    expect([calls.length, signals[0]!.aborted]).toEqual([1, false]);
    calls[0]!.next('answer');
    expect([first!.told, ...others.map(({ told }) => told)]).toEqual([[], ...others.map(() => ['answer'])]);
  });

  // A first one and six who wait, left in any order; then a fresh one, which must have its answer.
  it('coil #3562: one that waits and leaves blocks the key for ever', () => {
    const random = seededRandom(3562);
    for (let round = 0; round < 400; round++) {
      const { coalescer, calls, ask } = crowd();
      const waiting = Array.from({ length: 7 }, ask);
      const leaving = waiting.toSorted(() => random() - 0.5).slice(0, 1 + Math.floor(random() * 7));
      for (const { leave } of leaving) leave();
      const fresh = ask();
      calls.at(-1)!.next('answer');
      expect([fresh.told, calls.length, coalescer.state.running]).toEqual([['answer'], leaving.length < 7 ? 1 : 2, 0]);
    }
  });

  it('linera-protocol #6577: the entry of one that was dropped stays, and all who come later wait for it', () => {
    const { coalescer, calls, signals, ask } = crowd();
    ask().leave();
    expect([coalescer.state.running, signals[0]!.aborted]).toEqual([0, true]);
    const later = [ask(), ask()];
    expect(calls.length).toBe(2);
    calls[1]!.next('answer');
    expect(later.map(({ told }) => told)).toEqual([['answer'], ['answer']]);
  });

  it('solana-web3.js #2029: the last one that leaves is told of the abort, and once more as an unhandled rejection', async () => {
    const unhandled = vi.fn<() => void>();
    process.on('unhandledRejection', unhandled);
    onTestFinished(() => void process.off('unhandledRejection', unhandled));
    const coalescer = createCoalescer<never>();
    const rejects = (_: number, { signal }: { signal: AbortSignal }) =>
      new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    const told: unknown[] = [];
    const asking = of(1)
      .pipe(coalesceMap(rejects, (key) => key, { coalescer }))
      .subscribe({ error: (error: unknown) => told.push(error) });
    asking.unsubscribe();
    await turn();
    expect([told, unhandled.mock.calls.length]).toEqual([[], 0]);
  });

  it('an error is kept, and all who come later have it too', () => {
    const { calls, ask } = crowd();
    const waiting = [ask(), ask()];
    calls[0]!.error(lost);
    const later = ask();
    calls[1]!.next('answer');
    expect([...waiting.map(({ told }) => told), later.told]).toEqual([[lost], [lost], ['answer']]);
  });
});
