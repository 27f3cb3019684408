import { afterEach, describe, expect, it, vi } from 'vitest';

import type { Clock } from '../../lib/core/clock.js';
import { framesOf } from '../../lib/core/frames.js';

/** A page whose frames and timers come when the test says so. */
function page(hidden = false) {
  const frames = new Map<number, () => void>();
  const timers = new Map<number, { readonly ms: number; run(): void }>();
  let ids = 0;
  vi.stubGlobal('document', { hidden });
  vi.stubGlobal('requestAnimationFrame', (run: () => void) => (frames.set(++ids, run), ids));
  vi.stubGlobal('cancelAnimationFrame', (id: number) => frames.delete(id));
  const clock: Clock = {
    now: () => 0,
    after(ms, run) {
      const id = ++ids;
      timers.set(id, { ms, run });
      return () => void timers.delete(id);
    },
  };
  const waiting = () => [frames.size, [...timers.values()].map(({ ms }) => ms)];
  return { clock, waiting, frame: () => first(frames)(), timer: () => first(timers).run() };
}

function first<T>(map: Map<number, T>): T {
  const [id, value] = [...map][0]!;
  map.delete(id);
  return value;
}

describe('framesOf', () => {
  afterEach(() => void vi.unstubAllGlobals());

  it('calls back at the next animation frame, once', () => {
    const run = vi.fn<() => void>();
    const { clock, waiting, frame } = page();
    framesOf(clock)(run);
    expect([run.mock.calls.length, waiting()]).toEqual([0, [1, [100]]]);
    frame();
    expect([run.mock.calls.length, waiting()]).toEqual([1, [0, []]]);
  });

  it('does not wait longer than 100 ms for a frame', () => {
    const run = vi.fn<() => void>();
    const { clock, waiting, timer } = page();
    framesOf(clock)(run);
    timer();
    expect([run.mock.calls.length, waiting()]).toEqual([1, [0, []]]);
  });

  it('leaves neither frame nor timer behind when it is cancelled, once or twice', () => {
    const run = vi.fn<() => void>();
    const { clock, waiting } = page();
    const cancel = framesOf(clock)(run);
    for (let n = 0; n < 2; n++) cancel();
    expect([run.mock.calls.length, waiting()]).toEqual([0, [0, []]]);
  });

  it.each([
    ['the page is hidden', true],
    ['there are no animation frames', false],
  ])('takes a timer of 16 ms where %s', (_, hidden) => {
    const run = vi.fn<() => void>();
    const { clock, waiting, timer } = page(hidden);
    if (!hidden) vi.unstubAllGlobals();
    const cancel = framesOf(clock)(run);
    expect(waiting()).toEqual([0, [16]]);
    cancel();
    expect(waiting()).toEqual([0, []]);
    framesOf(clock)(run);
    timer();
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('sees that the page was hidden since the last frame', () => {
    const { clock, waiting, frame } = page();
    const frames = framesOf(clock);
    frames(() => undefined);
    frame();
    vi.stubGlobal('document', { hidden: true });
    frames(() => undefined);
    expect(waiting()).toEqual([0, [16]]);
  });
});
