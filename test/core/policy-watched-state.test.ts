import { Subscriber } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';

import { WatchedState } from '../../lib/core/policy/watched-state.js';

function counter() {
  let count = 0;
  const read = vi.fn(() => ({ count }));
  const watched = new WatchedState(read);
  const add = () => {
    count++;
    watched.changed();
  };
  return { watched, add, read };
}

function follow({ watched }: ReturnType<typeof counter>): number[] {
  const seen: number[] = [];
  watched.changes.subscribe(({ count }) => seen.push(count));
  return seen;
}

describe('WatchedState', () => {
  it('makes nothing while nobody follows', () => {
    const one = counter();
    one.add();
    expect(one.read).not.toHaveBeenCalled();
    const leave = one.watched.changes.subscribe();
    leave.unsubscribe();
    one.add();
    expect(one.read).toHaveBeenCalledTimes(1);
  });

  it('gives frozen snapshots', () => {
    const one = counter();
    const before = one.watched.current;
    one.add();
    expect([before.count, one.watched.current.count, Object.isFrozen(before)]).toEqual([0, 1, true]);
  });

  it('tells the state now, then each change', () => {
    const one = counter();
    one.add();
    const seen = follow(one);
    one.add();
    expect(seen).toEqual([1, 2]);
  });

  it('tells all who follow in order, also when one of them changes it', () => {
    const one = counter();
    one.watched.changes.subscribe(({ count }) => count === 1 && one.add());
    const seen = follow(one);
    one.add();
    expect(seen).toEqual([0, 1, 2]);
  });

  it('tells a listener of what it changes within its first state', () => {
    const one = counter();
    const seen: number[] = [];
    one.watched.changes.subscribe(({ count }) => {
      seen.push(count);
      if (count === 0) one.add();
    });
    expect(seen).toEqual([0, 1]);
  });

  it('goes on telling after a listener that throws', () => {
    class Thrower extends Subscriber<{ count: number }> {
      protected override _next({ count }: { count: number }): void {
        if (count === 1) throw new Error('thrown by a listener');
      }
    }
    const one = counter();
    const seen = follow(one);
    one.watched.changes.subscribe(new Thrower());
    expect(one.add).toThrow('thrown by a listener');
    one.add();
    expect(seen).toEqual([0, 1, 2]);
  });
});
