import { concat, NEVER, of, range, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { LimitError } from '../../lib/core/answer-errors.js';
import { ConfigError } from '../../lib/core/errors.js';
import type { Frames } from '../../lib/core/frames.js';
import type { Overflow } from '../../lib/core/overflow.js';
import { obeysTheOperatorLaws } from '../../lib/testing/laws.js';
import { bufferFrame } from '../../operators/buffer-frame.js';
import { marble } from '../support/marble.js';

const lost = new Error('lost');

/** Frames that the test lets come. */
function handFrames() {
  const asked = new Set<() => void>();
  let count = 0;
  const frames: Frames = (run) => {
    count++;
    asked.add(run);
    return () => void asked.delete(run);
  };
  const frame = () => {
    for (const run of asked) if (asked.delete(run)) run();
  };
  return { frames, frame, asked: () => asked.size, count: () => count };
}

function noteInto(signals: unknown[]) {
  return {
    next: (values: unknown) => signals.push(values),
    error: (error: unknown) => signals.push(error),
    complete: () => signals.push('|'),
  };
}

describe('bufferFrame', () => {
  obeysTheOperatorLaws((clock) => bufferFrame({ clock }), { it, expect });

  marble('emits what came since the last frame, and nothing in a frame without values', (t) => {
    const source = t.cold('  -a-b 17ms c 20ms |');
    const expected = '       17ms x 19ms y    -';

    const frames: Frames = (run) => t.clock.after(16, run);
    const result = source.pipe(bufferFrame({ frames }));
    t.expectObservable(result, '39ms !').toBe(expected, { x: ['a', 'b'], y: ['c'] });
    t.expectSubscriptions(source.subscriptions).toBe('^ 38ms !');
  });

  marble('emits what waits at once when the source completes', (t) => {
    const source = t.cold('  ab|   ');
    t.expectObservable(source.pipe(bufferFrame({ clock: t.clock }))).toBe('--(x|)', { x: ['a', 'b'] });
    t.expectSubscriptions(source.subscriptions).toBe('^-!');
  });

  marble('emits what waits at once when the source fails', (t) => {
    const source = t.cold('  ab#   ', undefined, lost);
    t.expectObservable(source.pipe(bufferFrame({ clock: t.clock }))).toBe('--(x#)', { x: ['a', 'b'] }, lost);
  });

  marble('drops what waits when it is left', (t) => {
    const source = t.cold('  ab----');
    t.expectObservable(source.pipe(bufferFrame({ clock: t.clock })), '---!').toBe('----');
    t.expectSubscriptions(source.subscriptions).toBe('^--!');
  });

  marble('has a timer of 16 ms where there are no animation frames', (t) => {
    const source = t.cold('  a 30ms b');
    const expected = '       16ms x 30ms y';
    t.expectObservable(source.pipe(bufferFrame({ clock: t.clock })), '60ms !').toBe(expected, { x: ['a'], y: ['b'] });
  });

  it('asks for one frame while values wait, and for none while none do', () => {
    const { frames, frame, asked, count } = handFrames();
    const source = new Subject<number>();
    const subscription = source.pipe(bufferFrame({ frames })).subscribe();
    expect(asked()).toBe(0);
    for (let n = 0; n < 100; n++) source.next(n);
    expect(asked()).toBe(1);
    frame();
    expect([asked(), count()]).toEqual([0, 1]);
    source.next(1);
    subscription.unsubscribe();
    expect([asked(), count(), source.observed]).toEqual([0, 2, false]);
  });
});

describe('frames that come at once', () => {
  it('make bufferFrame emit each value at once', () => {
    const signals: unknown[] = [];
    const frames: Frames = (run) => (run(), () => undefined);
    of(1, 2).pipe(bufferFrame({ frames })).subscribe(noteInto(signals));
    expect(signals).toEqual([[1], [2], '|']);
  });
});

describe('a full buffer of bufferFrame', () => {
  it.each([
    ['drop-oldest', [3, 4, 5]],
    ['drop-newest', [1, 2, 3]],
    ['latest', [4, 5]],
  ] as [Overflow, number[]][])('with %s keeps %o of five values', (overflow, kept) => {
    const signals: unknown[] = [];
    const { frames, frame } = handFrames();
    concat(range(1, 5), NEVER)
      .pipe(bufferFrame({ capacity: 3, overflow, frames }))
      .subscribe(noteInto(signals));
    frame();
    expect(signals).toEqual([kept]);
  });

  it('with error passes on what waits, then fails, and leaves the source', () => {
    const signals: unknown[] = [];
    const { frames, asked } = handFrames();
    const source = new Subject<number>();
    source.pipe(bufferFrame({ capacity: 2, frames })).subscribe(noteInto(signals));
    for (let n = 1; n <= 4; n++) source.next(n);
    expect(signals).toEqual([[1, 2], expect.any(LimitError)]);
    expect(String(signals[1])).toContain('bufferFrame: the source sends faster than it is asked: more than 2');
    expect([source.observed, asked()]).toEqual([false, 0]);
  });

  it('has room again after each frame', () => {
    const signals: unknown[] = [];
    const { frames, frame } = handFrames();
    const source = new Subject<number>();
    source.pipe(bufferFrame({ capacity: 2, frames })).subscribe(noteInto(signals));
    for (let n = 0; n < 3; n++) {
      for (const one of [1, 2]) source.next(one);
      frame();
    }
    expect(signals).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
  });

  it('holds 10,000 values unless told otherwise', () => {
    const signals: unknown[] = [];
    range(1, 10_001).pipe(bufferFrame()).subscribe(noteInto(signals));
    expect([(signals[0] as number[]).length, signals[1]]).toEqual([10_000, expect.any(LimitError)]);
  });
});

describe('re-entrance into bufferFrame', () => {
  it('by a result waits for the next frame', () => {
    const { frames, frame, asked } = handFrames();
    const source = new Subject<number>();
    const results: number[][] = [];
    source.pipe(bufferFrame({ frames })).subscribe((values) => {
      results.push(values);
      if (values[0]! < 3) source.next(values[0]! + 1);
    });
    source.next(1);
    for (let n = 0; n < 5; n++) frame();
    expect([results, asked()]).toEqual([[[1], [2], [3]], 0]);
  });

  it('by a result that leaves ends all', () => {
    const { frames, frame, asked } = handFrames();
    const source = new Subject<number>();
    const subscription = source.pipe(bufferFrame({ frames })).subscribe(() => {
      source.next(2);
      subscription.unsubscribe();
    });
    source.next(1);
    frame();
    expect([asked(), source.observed]).toEqual([0, false]);
  });

  it('takes a million values without a deeper stack', () => {
    const signals: unknown[] = [];
    const options = { capacity: Infinity, frames: handFrames().frames };
    range(0, 1_000_000).pipe(bufferFrame(options)).subscribe(noteInto(signals));
    expect([(signals[0] as number[]).length, signals[1]]).toEqual([1_000_000, '|']);
  });
});

describe('the options of bufferFrame', () => {
  it.each([
    [{ capacity: 0 }, 'bufferFrame.capacity: must be a positive whole number or Infinity, not 0'],
    [{ overflow: 'drop' }, 'bufferFrame.overflow: say what is lost, one of error, drop-oldest, drop-newest, latest'],
    [{ capaciy: 1 }, 'did you mean "capacity"?'],
  ])('refuse %o', (options, message) => {
    const make = () => of(1).pipe(bufferFrame(options as object));
    expect(make).toThrow(ConfigError);
    expect(() => throwError(() => lost).pipe(bufferFrame(options as object))).toThrow(message);
  });
});
