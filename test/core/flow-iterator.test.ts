import { describe, expect, it } from 'vitest';

import { fromIterable } from '../../lib/core/from-iterable.js';
import { Upstream } from '../../lib/testing/upstream.js';

const over = { done: true, value: undefined };
const value = (n: number) => ({ done: false, value: n });

describe('the loop over a Flow', () => {
  it('asks for 16 values ahead, and for 12 more when 4 are left', async () => {
    const source = new Upstream();
    const loop = source.flow[Symbol.asyncIterator]();
    expect(source.requested).toBe(0);
    void loop.next();
    expect(source.requested).toBe(16);
    while (source.answer());
    for (let n = 0; n < 10; n++) await loop.next();
    expect([source.sent, source.requested]).toEqual([16, 16]);
    await loop.next();
    expect(source.requested).toBe(28);
    await loop.return!();
  });

  it('holds no more than 16 values, however slow the loop', async () => {
    let taken = 0;
    let most = 0;
    let seen = 0;
    const counted = {
      *[Symbol.iterator]() {
        for (;;) yield ++taken;
      },
    };
    for await (const n of fromIterable(counted)) {
      expect(n).toBe(++seen);
      most = Math.max(most, taken - seen);
      if (seen === 200) break;
    }
    expect(most).toBeLessThanOrEqual(16);
  });

  it('subscribes at the first next, and cancels when it is left', async () => {
    const source = new Upstream();
    const loop = source.flow[Symbol.asyncIterator]();
    expect(source.subscriptions).toBe(0);
    const first = loop.next();
    source.answer();
    source.answer();
    expect(await first).toEqual(value(1));
    expect(await loop.return!()).toEqual(over);
    expect([source.cancels, await loop.next()]).toEqual([1, over]);
  });

  it('never subscribes when it is left before the first next', async () => {
    const source = new Upstream();
    const loop = source.flow[Symbol.asyncIterator]();
    await loop.return!();
    expect([await loop.next(), source.subscriptions]).toEqual([over, 0]);
  });

  it('gives what has come before it tells the error, once, as the same object', async () => {
    const source = new Upstream();
    const lost = new Error('lost');
    const loop = source.flow[Symbol.asyncIterator]();
    const first = loop.next();
    source.answer();
    source.answer();
    source.fail(lost);
    expect(await first).toEqual(value(1));
    expect(await loop.next()).toEqual(value(2));
    await expect(loop.next()).rejects.toBe(lost);
    expect(await loop.next()).toEqual(over);
  });

  it('answers each of several waiting calls, in order', async () => {
    const source = new Upstream();
    const loop = source.flow[Symbol.asyncIterator]();
    const steps = [loop.next(), loop.next(), loop.next(), loop.next()];
    source.answer();
    source.answer();
    source.complete();
    expect(await Promise.all(steps)).toEqual([value(1), value(2), over, over]);
  });

  it('tells the first of several waiting calls of the error, and the others of the end', async () => {
    const source = new Upstream();
    const lost = new Error('lost');
    const loop = source.flow[Symbol.asyncIterator]();
    const steps = [loop.next(), loop.next()];
    source.fail(lost);
    await expect(steps[0]).rejects.toBe(lost);
    expect(await steps[1]).toEqual(over);
  });

  it('ends waiting calls when it is left', async () => {
    const source = new Upstream();
    const loop = source.flow[Symbol.asyncIterator]();
    const waiting = loop.next();
    await loop.return!();
    expect([await waiting, source.cancels]).toEqual([over, 1]);
  });

  it('tolerates what still comes after it was left', async () => {
    const source = new Upstream();
    const loop = source.flow[Symbol.asyncIterator]();
    void loop.next();
    await loop.return!();
    source.send();
    source.fail(new Error('late'));
    source.complete();
    expect(await loop.next()).toEqual(over);
  });

  it('cancels a second demand, and calls nothing from within the end', () => {
    const source = new Upstream();
    void source.flow[Symbol.asyncIterator]().next();
    let cancelled = 0;
    source.presentAgain({ request: () => undefined, cancel: () => cancelled++ });
    source.complete();
    expect([cancelled, source.cancels, source.inTerminal]).toEqual([1, 0, []]);
  });

  it('cancels and rejects when an error is thrown into it', async () => {
    const source = new Upstream();
    const loop = source.flow[Symbol.asyncIterator]();
    void loop.next();
    const mine = new Error('mine');
    await expect(loop.throw!(mine)).rejects.toBe(mine);
    expect(source.cancels).toBe(1);
  });

  it('is its own iterator', () => {
    const loop = new Upstream().flow[Symbol.asyncIterator]();
    expect(loop[Symbol.asyncIterator]()).toBe(loop);
  });
});
