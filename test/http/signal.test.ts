import { getEventListeners } from 'node:events';

import { firstValueFrom } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ndjson } from '../../lib/codec/ndjson.js';
import { text } from '../../lib/codec/text.js';
import { bearer } from '../../lib/http/auth.js';
import { type Api, createApi } from '../../lib/http/api.js';
import type { AbortSignalLike } from '../../lib/http/types.js';
import { failure, outcome } from '../support/outcome.js';
import { type Server, startServer } from '../support/server.js';
import { bench } from './bench.js';

let server: Server;
let api: Api;
beforeAll(async () => {
  server = await startServer();
  api = createApi({ baseUrl: server.origin });
});
afterAll(async () => {
  await api.close();
  await server.close();
});

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('a signal', () => {
  const reasons: [string, unknown][] = [
    ['an Error', new Error('mine')],
    ['a DOMException', new DOMException('too late', 'TimeoutError')],
    ['text', 'page left'],
    ['null', null],
    ['a number', 0],
    ['an object', { code: 7 }],
    ['a function', () => 'x'],
  ];

  it.each(reasons)('keeps its reason (%s), aborted before and during the call', async (_, reason) => {
    const controller = new AbortController();
    const running = failure(api.get('/bad/never', { signal: controller.signal }));
    controller.abort(reason);
    const during = await running;
    const before = await failure(api.get('/json', { signal: AbortSignal.abort(reason) }));
    for (const error of [before, during]) {
      expect(error).toMatchObject({ kind: 'abort', retryable: false, request: { method: 'GET' } });
      expect((error as unknown as { reason: unknown }).reason).toBe(reason);
      expect(error.cause).toBe(reason);
      expect(error.message).toMatch(/^GET http.*: aborted by the caller$/);
    }
  });

  it('has a DOMException for a reason when none was given', async () => {
    const error = await failure(api.get('/json', { signal: AbortSignal.abort() }));
    expect((error as unknown as { reason: unknown }).reason).toMatchObject({ name: 'AbortError' });
    const late = await failure(api.get('/bad/never', { signal: AbortSignal.timeout(20) }));
    expect((late as unknown as { reason: unknown }).reason).toMatchObject({ name: 'TimeoutError' });
  });

  it('that is aborted already sends nothing', async () => {
    server.reset();
    await failure(api.get('/json', { signal: AbortSignal.abort() }));
    await failure(api.post('/json', { signal: AbortSignal.abort(), body: () => expect.unreachable() as never }));
    expect(server.requests()).toEqual([]);
  });

  it.each([
    ['in the queue', (made: ReturnType<typeof bench>) => made.clock.advance(1)],
    ['before the head', ({ queue }: ReturnType<typeof bench>) => queue.assign()],
    [
      'inside the body',
      ({ queue, fake }: ReturnType<typeof bench>) => (queue.assign(), fake.last.head(200).chunk('a')),
    ],
    [
      'inside an error',
      ({ queue, fake }: ReturnType<typeof bench>) => (queue.assign(), fake.last.head(500).chunk('a')),
    ],
    [
      'in an unwanted body',
      ({ queue, fake }: ReturnType<typeof bench>) => (queue.assign(), fake.last.head(302, { location: '/y' })),
    ],
    [
      'in the wait between attempts',
      ({ queue, fake }: ReturnType<typeof bench>) => (queue.assign(), fake.last.answer(503)),
    ],
  ])('ends a call %s', (_, step) => {
    const made = bench({ totalMs: 10_000 }, { retry: { backoff: () => 1000 } }, true);
    const controller = new AbortController();
    const call = made.start({ signal: controller.signal });
    step(made);
    made.clock.advance(5);
    expect(listeners(controller.signal)).toBe(1);
    controller.abort('enough');
    expect(call.error).toMatchObject({ kind: 'abort', reason: 'enough' });
    expect([listeners(controller.signal), made.clock.pending, made.queue.waiting]).toEqual([0, 0, 0]);
    const asked = made.fake.requests.length;
    made.clock.advance(10_000);
    expect(made.fake.requests).toHaveLength(asked);
    expect(made.fake.requests.every(({ aborted, complaint }) => aborted || complaint === undefined)).toBe(true);
  });

  it('says how many attempts were made', () => {
    const { clock, fake, start } = bench({}, { retry: { backoff: () => 10 } });
    const controller = new AbortController();
    const call = start({ signal: controller.signal });
    fake.last.answer(503);
    clock.advance(10);
    controller.abort();
    expect(call.error).toMatchObject({ kind: 'abort', attempts: 2 });
  });

  it('ends a call that waits for a token, and lets go of the token', () => {
    let running = 0;
    const token = (): Promise<string> => (running++, new Promise(() => {}));
    const { start } = bench({}, { auth: [bearer(token)] });
    const controller = new AbortController();
    const call = start({ signal: controller.signal });
    controller.abort('enough');
    expect(call.error).toMatchObject({ kind: 'abort', reason: 'enough' });
    expect(running).toBe(1);
  });

  it('is told to the server, in whichever phase', async () => {
    for (const path of ['/bad/never', '/drip?bytes=endless', '/ndjson?rows=endless', '/redirect?to=/bad/never']) {
      server.reset();
      const controller = new AbortController();
      const call = outcome(api.get(path, { as: ndjson(), signal: controller.signal }));
      await server.waitFor((seen) => seen.path !== '/redirect' && seen.state === 'open');
      controller.abort('enough');
      expect((await call).error).toMatchObject({ kind: 'abort', reason: 'enough' });
      await server.waitFor((seen) => seen.path !== '/redirect' && seen.state === 'aborted');
    }
    await expect.poll(() => server.busy()).toBe(0);
  });

  it('does nothing after the end', async () => {
    const controller = new AbortController();
    const came = await outcome(api.get('/json', { signal: controller.signal }));
    controller.abort();
    expect(came).toMatchObject({ values: [{ ok: true }], error: undefined });
  });

  // cockatiel #69, #81, p-timeout #42, node #48951: listeners stay on a signal that lives longer than its calls.
  it('keeps no listener of 50 calls, however they end', async () => {
    const { signal } = new AbortController();
    const paths = ['/json', '/reply?status=404', '/bad/reset-mid-body', '/json/invalid', '/redirect?to=/json'];
    const calls = Array.from({ length: 50 }, (_, n) => outcome(api.get(paths[n % 5]!, { signal })));
    expect(listeners(signal)).toBe(1);
    await Promise.all(calls);
    for (let n = 0; n < 50; n++) api.get('/json', { signal }).subscribe().unsubscribe();
    await Promise.all(Array.from({ length: 50 }, () => firstValueFrom(api.get('/json', { signal }).response())));
    expect(listeners(signal)).toBe(0);
  });

  it('shared by calls with layers and without ends each of them once', async () => {
    const controller = new AbortController();
    const layered = api.extend({ layers: [(request, next) => next(request)] });
    const calls = [api, layered, api, layered].map((one) =>
      outcome(one.get('/bad/never', { signal: controller.signal })),
    );
    controller.abort('all of you');
    for (const { error } of await Promise.all(calls))
      expect(error).toMatchObject({ kind: 'abort', reason: 'all of you' });
    expect(listeners(controller.signal)).toBe(0);
  });

  it('may be any that has the three members, of another realm or library', async () => {
    const heard = new Set<{ handleEvent(): void }>();
    const signal: AbortSignalLike & { aborted: boolean; reason?: unknown } = {
      aborted: false,
      addEventListener: (_, listener) => void heard.add(listener),
      removeEventListener: (_, listener) => void heard.delete(listener),
    };
    expect(await firstValueFrom(api.get('/text/latin1', { as: text(), signal }))).toContain('café');
    expect(heard.size).toBe(0);
    const running = failure(api.get('/bad/never', { signal }));
    Object.assign(signal, { aborted: true, reason: 'theirs' });
    for (const listener of heard) listener.handleEvent();
    expect(await running).toMatchObject({ kind: 'abort', reason: 'theirs' });
    expect(heard.size).toBe(0);
  });
});
