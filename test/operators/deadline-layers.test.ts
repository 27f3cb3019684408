import { BehaviorSubject, firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';

import type { ApiEvent } from '../../lib/http/answer-types.js';
import { createApi } from '../../lib/http/api.js';
import type { ApiOptions } from '../../lib/http/types.js';
import { fakeTransport } from '../../lib/testing/fake-transport.js';
import { quiet } from '../../lib/testing/flow-probe.js';
import { deadline } from '../../operators/deadline.js';
import { fallbackTo } from '../../operators/fallback-to.js';
import { pauseWhile } from '../../operators/pause-while.js';
import { timeoutEach } from '../../operators/timeout-each.js';
import { timeoutIdle } from '../../operators/timeout-idle.js';
import { HandClock } from '../support/steered.js';

type Event = ApiEvent<unknown>;

function setUp(options: ApiOptions) {
  const fake = fakeTransport();
  const retry = { backoff: () => 1 };
  return { fake, api: createApi({ baseUrl: 'https://cities.test', transport: fake, retry, ...options }) };
}

/** What a call ends with, as far as it has. */
function outcomeOf(call: { subscribe(to: object): unknown }) {
  const outcome: { value?: unknown; error?: unknown } = {};
  call.subscribe({
    next: (value: unknown) => (outcome.value = value),
    error: (error: unknown) => (outcome.error = error),
  });
  return outcome;
}

describe('the time operators as layers of a client', () => {
  it('time each attempt: the slow one is aborted and the next one answers', async () => {
    const clock = new HandClock();
    const each = timeoutEach<Event>({ attemptMs: 50, clock });
    const { fake, api } = setUp({ clock, attemptLayers: [(request, next) => next(request).pipe(each)] });
    const slow = fake.expect();
    fake.expect().answer(200, { name: 'Oslo' });
    const outcome = outcomeOf(api.get('cities/1'));
    await quiet();
    clock.pass(50);
    clock.pass(1);
    await quiet();
    expect([slow.aborted, outcome, fake.requests.length]).toEqual([true, { value: { name: 'Oslo' } }, 2]);
  });

  it('time the call as a whole, and abort it', async () => {
    const clock = new HandClock();
    const total = deadline<Event>({ totalMs: 50, clock });
    const { fake, api } = setUp({ clock, layers: [(request, next) => next(request).pipe(total)] });
    const slow = fake.expect();
    const outcome = outcomeOf(api.get('cities/1'));
    await quiet();
    clock.pass(50);
    expect([slow.aborted, outcome]).toEqual([
      true,
      { error: expect.objectContaining({ which: 'total', limitMs: 50 }) },
    ]);
  });

  it('time the silence between the events of a call', async () => {
    const clock = new HandClock();
    const idle = timeoutIdle<Event>({ idleMs: 50, clock });
    const { fake, api } = setUp({ clock, retry: false, layers: [(request, next) => next(request).pipe(idle)] });
    const answer = fake.expect();
    const outcome = outcomeOf(api.get('cities/1'));
    await quiet();
    clock.pass(49);
    answer.head(200, { 'content-type': 'application/json' });
    await quiet();
    clock.pass(49);
    expect(outcome).toEqual({});
    clock.pass(1);
    expect(outcome.error).toMatchObject({ which: 'idle', limitMs: 50 });
  });

  it('answer with something else', async () => {
    const stale: Event = { type: 'value', attempt: 0, value: 'stale' };
    const fallback = fallbackTo<Event, (typeof stale)[]>([stale]);
    const { fake, api } = setUp({ retry: false, layers: [(request, next) => next(request).pipe(fallback)] });
    fake.expect().answer(503);
    expect(await firstValueFrom(api.get('cities/1'))).toBe('stale');
  });

  it('send nothing while paused, when they leave the source', async () => {
    const paused = new BehaviorSubject(true);
    const pause = pauseWhile<Event>(paused, { source: 'leave' });
    const { fake, api } = setUp({ layers: [(request, next) => next(request).pipe(pause)] });
    const outcome = outcomeOf(api.get('cities/1'));
    await quiet();
    expect(fake.requests.length).toBe(0);
    fake.expect().answer(200, 1);
    paused.next(false);
    await quiet();
    expect(outcome).toEqual({ value: 1 });
  });
});
