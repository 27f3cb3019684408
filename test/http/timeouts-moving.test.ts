import { describe, expect, it } from 'vitest';

import { lines } from '../../lib/codec/lines.js';
import type { Demand } from '../../lib/core/demand.js';
import { FLOW } from '../../lib/core/flow.js';
import { bench } from './bench.js';

const timeout = (which: string, limitMs: number): object => ({ kind: 'timeout', which, limitMs });
const many = { as: lines() } as const;
const all = { headersMs: 50, attemptMs: 100, totalMs: 150, idleMs: 1000 } as const;

describe('a many-value body', () => {
  it('ends attemptMs and totalMs at its head', () => {
    const { clock, fake, start } = bench(all);
    const call = start(many);
    clock.advance(40);
    fake.last.head(200);
    for (let row = 0; row < 5; row++) {
      clock.advance(900);
      fake.last.chunk('a\n');
    }
    fake.last.end();
    clock.advance(0);
    expect(call).toMatchObject({ values: ['a', 'a', 'a', 'a', 'a'], error: undefined, ms: 4540 });
    expect(clock.pending).toBe(0);
  });

  it('is still bounded by idleMs', () => {
    const { clock, fake, start } = bench(all);
    const call = start(many);
    fake.last.head(200).chunk('a\n');
    clock.advance(5000);
    expect(call).toMatchObject({ error: timeout('idle', 1000), ms: 1000 });
  });

  it('does not end them where the answer is an error', () => {
    const { clock, fake, start } = bench(all);
    const call = start(many);
    fake.last.head(503).chunk('sor');
    clock.advance(5000);
    expect(call).toMatchObject({ error: { kind: 'status', status: 503, body: 'sor', cause: timeout('attempt', 100) } });
    expect(clock.pending).toBe(0);
  });

  it('may be asked for again after its total time, as long as no value came', () => {
    const { clock, fake, start } = bench({ totalMs: 100, idleMs: 500 }, { retry: { backoff: () => 1 } });
    const call = start(many);
    fake.last.head(200);
    clock.advance(501);
    expect(fake.requests).toHaveLength(2);
    fake.last.head(200).chunk('a\n').end();
    clock.advance(0);
    expect(call).toMatchObject({ values: ['a'], error: undefined });
  });

  it('lets idleMs run only while values are wanted', () => {
    const { clock, fake, api } = bench({ idleMs: 50 });
    const errors: unknown[] = [];
    const values: unknown[] = [];
    let demand: Demand | undefined;
    api.get<string>('/x', many)[FLOW].subscribe({
      onSubscribe: (given) => (demand = given),
      onNext: (value) => values.push(value),
      onError: (error) => errors.push(error),
      onComplete: () => {},
    });
    demand!.request(1);
    clock.advance(0);
    fake.last.head(200).chunk('a\nb\n');
    clock.advance(10_000);
    expect([values, errors, fake.last.paused, clock.pending]).toEqual([['a'], [], true, 0]);
    demand!.request(1);
    clock.advance(10_000);
    expect([values, errors, fake.last.paused]).toEqual([['a', 'b'], [], true]);
    demand!.request(1);
    clock.advance(49);
    expect([errors, fake.last.paused]).toEqual([[], false]);
    clock.advance(1);
    expect(errors).toMatchObject([timeout('idle', 50)]);
    expect(clock.pending).toBe(0);
  });
});

describe('an upload', () => {
  const body = 'x'.repeat(100_000);

  it('tells how it moves when it is large, whatever it is made of', () => {
    const { fake, start } = bench({});
    const large = [
      body,
      { body },
      new Uint8Array(100_000),
      new Blob([body]),
      (): AsyncIterable<Uint8Array> => stream(),
    ];
    async function* stream(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(1);
    }
    for (const one of large) {
      start({ body: one });
      expect(fake.last.request?.uploadProgress).toBe(true);
    }
    start({ body: 'small' });
    expect(fake.last.request?.uploadProgress).toBe(false);
  });

  it('holds headersMs, attemptMs and totalMs off while it moves', () => {
    const { clock, fake, start } = bench(all);
    const call = start({ body });
    for (let sent = 1; sent <= 10; sent++) {
      clock.advance(45);
      fake.last.uploaded(sent * 10_000, 100_000);
    }
    clock.advance(45);
    fake.last.head(200);
    clock.advance(50);
    fake.last.chunk('well').end();
    clock.advance(0);
    expect(call).toMatchObject({ values: ['well'], error: undefined, ms: 545 });
    expect(clock.pending).toBe(0);
  });

  it.each([
    ['headers', 50],
    ['attempt', 100],
    ['total', 150],
  ])('lets %s run from its end', (which, ms) => {
    const { clock, fake, start } = bench({ idleMs: 20, [`${which}Ms`]: ms });
    const call = start({ body });
    for (let sent = 1; sent <= 10; sent++) {
      clock.advance(15);
      fake.last.uploaded(sent * 10_000, 100_000);
    }
    clock.advance(5000);
    expect(call).toMatchObject({ error: timeout(which, ms), ms: 150 + ms });
    expect(clock.pending).toBe(0);
  });

  it('that the server takes no more of is a silence', () => {
    const { clock, fake, start } = bench({ idleMs: 70 });
    const call = start({ body });
    clock.advance(50);
    fake.last.uploaded(10_000, 100_000);
    clock.advance(5000);
    expect(call).toMatchObject({ error: timeout('idle', 70), ms: 120 });
    expect(clock.pending).toBe(0);
  });

  it('that goes on after the head starts no clock again', () => {
    const { clock, fake, start } = bench({ attemptMs: 50, totalMs: 50 });
    const call = start({ ...many, body });
    fake.last.head(200).uploaded(10_000, 100_000).chunk('a\n');
    clock.advance(5000);
    expect(call).toMatchObject({ values: ['a'], error: undefined });
  });
});

describe('the wait between attempts', () => {
  it('is not begun when the total time ends before it does', () => {
    const { clock, fake, start } = bench({ totalMs: 100 }, { retry: { backoff: () => 100 } });
    const call = start();
    clock.advance(1);
    fake.last.answer(503);
    clock.advance(0);
    expect(call).toMatchObject({ error: { kind: 'status', status: 503, attempts: 1, retryable: false }, ms: 1 });
    expect(clock.pending).toBe(0);
  });

  it('is not begun when Retry-After is beyond the total time, which then says when', () => {
    const { clock, fake, start } = bench({ totalMs: 1500 }, { retry: { backoff: () => 1 } });
    const call = start();
    fake.last.answer(503, undefined, { 'retry-after': '2' });
    clock.advance(0);
    const retryAt = new Date(clock.now() + 2000);
    expect(call).toMatchObject({ error: { kind: 'status', attempts: 1, retryAfterMs: 2000, retryAt }, ms: 0 });
  });

  it('fits into the total time otherwise, and the next attempt has what is left', () => {
    const { clock, fake, start } = bench({ totalMs: 100 }, { retry: { backoff: () => 90 } });
    const call = start();
    clock.advance(5);
    fake.last.answer(503);
    clock.advance(90);
    expect(fake.requests).toHaveLength(2);
    clock.advance(5);
    expect(call).toMatchObject({ error: timeout('total', 100), ms: 100 });
    expect(clock.pending).toBe(0);
  });
});

describe('an unwanted body', () => {
  it.each(['stalls', 'drips'])('that %s does not hold a redirect up', (how) => {
    const { clock, fake, start } = bench({ headersMs: 10_000 });
    const call = start();
    const first = fake.last;
    first.head(302, { location: '/y' });
    for (let tick = 0; tick < 300; tick++) {
      clock.advance(1);
      if (how === 'drips' && !first.aborted) first.chunk('x');
    }
    expect([first.aborted, fake.requests.length]).toEqual([true, 2]);
    fake.last.answer(200, 'well');
    clock.advance(0);
    expect(call).toMatchObject({ values: ['well'], error: undefined });
    expect(clock.pending).toBe(0);
  });
});
