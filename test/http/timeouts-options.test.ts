import { describe, expect, it } from 'vitest';

import { text } from '../../lib/codec/text.js';
import { createApi } from '../../lib/http/api.js';
import type { TimeoutsInput } from '../../lib/http/types.js';
import { fakeTransport } from '../../lib/testing/fake-transport.js';
import { failure } from '../support/outcome.js';
import { type Bench, bench } from './bench.js';

const timeout = (which: string, limitMs: number): object => ({ kind: 'timeout', which, limitMs });

describe('timeouts', () => {
  it.each<TimeoutsInput>([
    false,
    { queueMs: Infinity, headersMs: Infinity, idleMs: Infinity, attemptMs: Infinity, totalMs: Infinity },
  ])('%j switches all of them off', (timeouts) => {
    const { clock, fake, queue, api } = bench(timeouts, {}, true);
    const values: unknown[] = [];
    api.get('/x', { as: text() }).subscribe((value) => values.push(value));
    clock.advance(1e9);
    queue.assign();
    clock.advance(1e9);
    expect(clock.pending).toBe(0);
    fake.last.head(200);
    clock.advance(1e9);
    fake.last.chunk('well').end();
    clock.advance(0);
    expect(values).toEqual(['well']);
  });

  it('has defaults', () => {
    const { clock, start } = bench({}, { timeouts: {} });
    const call = start();
    clock.advance(1e6);
    expect(call).toMatchObject({ error: timeout('headers', 10_000), ms: 10_000 });
    const queued = bench({}, { timeouts: {} }, true);
    const waiting = queued.start();
    queued.clock.advance(1e6);
    expect(waiting).toMatchObject({ error: timeout('total', 30_000), ms: 30_000 });
    const endless = bench({}, { timeouts: { totalMs: false } }, true);
    const patient = endless.start();
    endless.clock.advance(1e6);
    expect(patient).toMatchObject({ error: timeout('queue', 30_000), ms: 30_000 });
  });

  it('of a call go over those of the client, one by one', () => {
    const { clock, start } = bench({ headersMs: 50, totalMs: 100 });
    const calls = [start(), start({ timeouts: { headersMs: 20 } }), start({ timeouts: { headersMs: false } })];
    calls.push(start({ timeouts: { headersMs: undefined } as never }), start({ timeouts: false }));
    clock.advance(1e6);
    expect(calls.map(({ ms }) => ms)).toEqual([50, 20, 100, 50, Number.NaN]);
  });

  it('of an extend go over those of its parent', () => {
    const { clock, api } = bench({ headersMs: 50, totalMs: 100 });
    const errors: unknown[] = [];
    api
      .extend({ timeouts: { headersMs: false } })
      .get('/x')
      .subscribe({ error: (error) => errors.push(error) });
    clock.advance(1e6);
    expect(errors).toMatchObject([timeout('total', 100)]);
  });

  it('leave no timer behind when a call is left, wherever it is', () => {
    const limits = { queueMs: 9, headersMs: 9, attemptMs: 9, idleMs: 9, totalMs: 9 };
    const steps: ((made: Bench) => void)[] = [
      () => {},
      ({ queue }) => queue.assign(),
      ({ fake }) => fake.last.uploaded(10_000, 100_000),
      ({ fake }) => fake.last.head(200),
      ({ fake }) => fake.last.chunk('a'),
    ];
    for (let taken = 1; taken <= steps.length; taken++) {
      const made = bench(limits, {}, true);
      const subscription = made.api.put('/x', { body: 'x' }).subscribe();
      for (const step of steps.slice(0, taken)) {
        step(made);
        made.clock.advance(1);
      }
      expect(made.clock.pending).toBeGreaterThan(0);
      subscription.unsubscribe();
      expect(made.clock.pending).toBe(0);
    }
  });

  it.each([
    ['totalMs', 0],
    ['totalMs', -1],
    ['attemptMs', Number.NaN],
    ['idleMs', '100'],
    ['queueMs', true],
    ['headersMs', null],
    ['headersMs', {}],
  ])('refuse %s: %j', async (name, value) => {
    const wrong = expect.objectContaining({ kind: 'config', field: `timeouts.${name}` }) as unknown;
    expect(() => createApi({ timeouts: { [name]: value } as never })).toThrowError(wrong as Error);
    const api = createApi({ baseUrl: 'https://a.test', transport: fakeTransport() });
    expect(() => api.extend({ timeouts: { [name]: value } as never })).toThrowError(wrong as Error);
    expect(await failure(api.get('/x', { timeouts: { [name]: value } as never }))).toEqual(wrong);
  });

  it.each([null, true, 1000, [], 'none'])('refuse %j as a whole', (timeouts) => {
    expect(() => createApi({ timeouts: timeouts as never })).toThrowError(
      expect.objectContaining({ kind: 'config', field: 'timeouts' }),
    );
  });
});
