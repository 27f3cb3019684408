import fc from 'fast-check';
import { NEVER, type Observable, of, Subject } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { type Clock, systemClock } from '../../lib/core/clock.js';
import { debounceMap, type DebounceMapOptions } from '../../operators/debounce-map.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

function listen<R>(result: Observable<R>): R[] {
  const results: R[] = [];
  result.subscribe((value) => results.push(value));
  return results;
}

describe('the clock of the system in debounceMap', () => {
  it('reads it twice for a burst, at its start and at its end', async () => {
    const source = new Subject<number>();
    const results = listen(source.pipe(debounceMap((n) => of(n), { waitMs: 10 })));
    const read = vi.spyOn(performance, 'now');
    for (let n = 1; n <= 1_000; n++) source.next(n);
    await Promise.resolve();
    expect(read).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(9);
    expect(results).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(results).toEqual([1_000]);
  });

  it('counts the quiet time from the end of a burst that takes long', async () => {
    const source = new Subject<number>();
    const results = listen(source.pipe(debounceMap((n) => of(n), { waitMs: 10 })));
    source.next(1);
    vi.advanceTimersByTime(5); // the same turn: nothing else could run
    source.next(2);
    await vi.advanceTimersByTimeAsync(9);
    expect(results).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(results).toEqual([2]);
  });

  it('counts it anew for a value of a later turn', async () => {
    const source = new Subject<number>();
    const results = listen(source.pipe(debounceMap((n) => of(n), { waitMs: 10 })));
    source.next(1);
    await vi.advanceTimersByTimeAsync(6);
    source.next(2);
    await vi.advanceTimersByTimeAsync(9);
    expect(results).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(results).toEqual([2]);
  });
});

/** A call that is told by hand what to say, and the values that calls were started for. */
function spokenCalls(options: DebounceMapOptions<string>) {
  const source = new Subject<string>();
  const said = new Subject<string>();
  const started: string[] = [];
  const project = (name: string): Observable<string> => (started.push(name), said);
  const results = listen(source.pipe(debounceMap(project, options)));
  const send = (names: string) => [...names].forEach((name) => source.next(name));
  return { source, said, started, results, send };
}

describe('a burst of values in debounceMap', () => {
  it('is compared by its first and its last value alone', async () => {
    const isSame = vi.fn<(a: string, b: string) => boolean>(Object.is);
    const { send, started } = spokenCalls({ waitMs: 10, isSame });
    send('a');
    await vi.advanceTimersByTimeAsync(10);
    send('bcdefg');
    await vi.advanceTimersByTimeAsync(10);
    expect(started).toEqual(['a', 'g']);
    expect(isSame.mock.calls).toEqual([
      ['b', 'a'],
      ['g', 'a'],
    ]);
  });

  it('that ends in a repeat starts nothing, and lets the call go on', async () => {
    const { said, send, started, results } = spokenCalls({ waitMs: 10 });
    send('a');
    await vi.advanceTimersByTimeAsync(10);
    send('bca');
    said.next('1');
    await vi.advanceTimersByTimeAsync(30);
    said.next('2');
    expect([started, results, vi.getTimerCount()]).toEqual([['a'], ['1', '2'], 0]);
  });

  it('that ends in a repeat starts nothing when the source completes within it', async () => {
    const { source, said, send, started, results } = spokenCalls({ waitMs: 10 });
    send('a');
    await vi.advanceTimersByTimeAsync(10);
    send('bca');
    source.complete();
    said.next('1');
    expect([started, results]).toEqual([['a'], ['1']]);
  });

  it('lets pass what is held at a repeat within it', async () => {
    const { said, send, results } = spokenCalls({ waitMs: 10 });
    send('a');
    await vi.advanceTimersByTimeAsync(10);
    send('b');
    said.next('1');
    send('bac');
    expect(results).toEqual(['1']);
  });

  it('begins the longest wait anew at a repeat within it', async () => {
    const { send, started } = spokenCalls({ waitMs: 5, maxWaitMs: 10 });
    send('a');
    await vi.advanceTimersByTimeAsync(5);
    for (const names of ['b', 'bac', 'b']) {
      send(names);
      await vi.advanceTimersByTimeAsync(4);
    }
    expect(started).toEqual(['a']);
    await vi.advanceTimersByTimeAsync(1);
    expect(started).toEqual(['a', 'b']);
  });

  it('is compared when timers are moved within it', () => {
    const { send, started } = spokenCalls({ waitMs: 10 });
    for (const names of ['a', 'ba']) {
      send(names);
      vi.advanceTimersByTime(10); // as in a test that awaits nothing
    }
    expect(started).toEqual(['a']);
  });

  it('fails at its end when its last value cannot be compared', async () => {
    const source = new Subject<string>();
    const error = vi.fn<(error: unknown) => void>();
    const lost = new Error('lost');
    const isSame = (a: string) => {
      if (a === 'c') throw lost;
      return false;
    };
    source.pipe(debounceMap(() => NEVER, { waitMs: 10, isSame })).subscribe({ error });
    source.next('a');
    await vi.advanceTimersByTimeAsync(10);
    source.next('b');
    source.next('c');
    expect(error).not.toHaveBeenCalled();
    await Promise.resolve();
    expect(error).toHaveBeenCalledExactlyOnceWith(lost);
    expect([source.observed, vi.getTimerCount()]).toEqual([false, 0]);
  });
});

describe('whether values come in bursts for debounceMap', () => {
  // Not the clock of the system by identity, so each value is compared and timed for itself.
  const otherClock: Clock = { now: () => systemClock.now(), after: (ms, run) => systemClock.after(ms, run) };

  /** a to c are values, 1 a result, ! the end of the call, a space ends the burst, . takes a while. */
  async function outcome(script: string, options: DebounceMapOptions<string>) {
    const { source, said, started, results } = spokenCalls(options);
    const story: unknown[] = [];
    for (const step of script) {
      story.push(started.length, results.length);
      if (step === '.') await vi.advanceTimersByTimeAsync(4);
      else if (step === ' ') await Promise.resolve();
      else if (step === '!') said.complete();
      else if (step >= 'a') source.next(step);
      else said.next(step);
    }
    await vi.advanceTimersByTimeAsync(50);
    return { story, started, results };
  }

  const script = fc.string({ unit: fc.constantFrom('a', 'b', 'bac', '1', ' ', '.', '...', '!'), maxLength: 30 });
  const settings = fc.record({
    waitMs: fc.constantFrom(0, 5, 10),
    maxWaitMs: fc.constantFrom(10, Infinity),
    leading: fc.boolean(),
  });

  it('changes nothing in what comes out', async () => {
    const same = async (steps: string, options: DebounceMapOptions<string>) => {
      expect(await outcome(steps, options)).toEqual(await outcome(steps, { ...options, clock: otherClock }));
    };
    await fc.assert(fc.asyncProperty(script, settings, same), { numRuns: 1000 });
  });
});
