import { of, take } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { isProgress } from '../../lib/core/progress.js';
import { ndjson } from '../../lib/codec/ndjson.js';
import type { ApiEvent } from '../../lib/http/answer-types.js';
import { createApi } from '../../lib/http/api.js';
import type { ApiOptions, Layer } from '../../lib/http/types.js';
import { paginate } from '../../lib/stream/paginate.js';
import { fakeTransport } from '../../lib/testing/fake-transport.js';
import { handClock } from '../support/hand-clock.js';
import { all, failure, outcome } from '../support/outcome.js';

interface Body {
  readonly data: readonly number[];
  readonly next?: string;
}
const rules = { items: ({ data }: Body) => data, next: ({ body }: { readonly body: Body }) => body.next };

function start(options: ApiOptions = {}) {
  const clock = handClock();
  const fake = fakeTransport({ clock });
  const api = createApi({ baseUrl: 'https://a.test', transport: fake, clock, ...options });
  const pages = (from?: string) =>
    paginate((cursor) => api.get<Body>('/', { query: { cursor } }), { ...rules, ...(from !== undefined && { from }) });
  return { clock, fake, api, pages };
}

/** Lets answers that are ready arrive, and what follows them happen. */
async function turns(clock: { pass(ms: number): void }, ms = 0): Promise<void> {
  for (let turn = 0; turn < 5; turn++) {
    clock.pass(turn === 0 ? ms : 0);
    await Promise.resolve();
  }
}

describe('the events of pages', () => {
  it('tell which page is asked for, what came of it, and where to go on', async () => {
    const { clock, fake, pages } = start();
    fake.expect().answer(200, { data: [1, 2], next: 'b' });
    fake.expect().answer(200, { data: [], next: 'c' });
    fake.expect().answer(200, { data: [3] });
    const events = all(pages().events());
    await turns(clock);
    const told = await events;
    expect(told).toMatchObject([
      { type: 'connecting', page: 1, attempt: 1, cursor: undefined },
      { type: 'page', page: 1, attempt: 1, cursor: undefined, items: 2, next: 'b' },
      { type: 'value', value: 1 },
      { type: 'value', value: 2 },
      { type: 'connecting', page: 2, cursor: 'b' },
      { type: 'page', page: 2, cursor: 'b', items: 0, next: 'c' },
      { type: 'connecting', page: 3, cursor: 'c' },
      { type: 'page', page: 3, cursor: 'c', items: 1, next: undefined },
      { type: 'value', value: 3 },
    ]);
    for (const event of told) expect(isProgress(event)).toBe(event.type !== 'value');
  });

  it('tell of retries, with their cause and delay, on the clock of the client', async () => {
    const { clock, fake, pages } = start({ retry: { backoff: () => 500 } });
    fake.expect().answer(503);
    fake.expect().answer(200, { data: [1] });
    const events = all(pages('b').events());
    const began = clock.now();
    await turns(clock);
    await turns(clock, 500);
    expect(await events).toMatchObject([
      { type: 'connecting', page: 1, attempt: 1, cursor: 'b', sinceMs: began },
      { type: 'waiting', page: 1, attempt: 1, cursor: 'b', delayMs: 500, cause: { status: 503 }, sinceMs: began },
      { type: 'connecting', page: 1, attempt: 2, cursor: 'b', sinceMs: began + 500 },
      { type: 'page', page: 1, attempt: 2, cursor: 'b', items: 1, next: undefined },
      { type: 'value', value: 1 },
    ]);
  });

  it('name, when a page fails for good, the cursor that another run goes on from', async () => {
    const first = start({ retry: false });
    first.fake.expect().answer(200, { data: [1], next: 'b' });
    first.fake.expect().answer(500);
    const run = outcome(first.pages().events());
    await turns(first.clock);
    const { values, error } = await run;
    expect(error).toMatchObject({ kind: 'status' });
    const last = values.at(-1)!;
    expect(last).toMatchObject({ type: 'connecting', cursor: 'b' });

    const second = start();
    second.fake.expect({ path: '/?cursor=b' }).answer(200, { data: [2] });
    const rest = all(second.pages(last.type === 'value' ? undefined : last.cursor));
    await turns(second.clock);
    expect(await rest).toEqual([2]);
  });

  it('come with whole pages as well', async () => {
    const { clock, fake, pages } = start();
    fake.expect().answer(200, { data: [1, 2] });
    const events = all(pages().pages().events());
    await turns(clock);
    expect(await events).toMatchObject([
      { type: 'connecting' },
      { type: 'page', items: 2 },
      { type: 'value', value: { items: [1, 2], next: undefined, response: { status: 200, attempts: 1 } } },
    ]);
  });

  it('gather the records of a body of many values', async () => {
    const { clock, fake, api } = start({ limits: { bodyBytes: 10 } });
    const flow = () => paginate(() => api.get<readonly number[]>('/', { as: ndjson() as never }));
    fake.expect().answer(200, '1\n2\n3\n');
    const few = all(flow().events());
    await turns(clock);
    expect((await few).flatMap((event) => (event.type === 'value' ? event.value : []))).toEqual([1, 2, 3]);

    fake.expect().answer(200, '1\n2\n3\n4\n5\n6\n');
    const many = failure(flow().events());
    await turns(clock);
    expect(await many).toMatchObject({ kind: 'limit', which: 'bodyBytes', attempts: 1, request: { method: 'GET' } });
    expect(fake.last.aborted).toBe(true);
  });

  it('ask for nothing when the listener has left at the first of them', () => {
    const { fake, pages } = start();
    const told: string[] = [];
    pages()
      .events()
      .pipe(take(1))
      .subscribe(({ type }) => told.push(type));
    expect(told).toEqual(['connecting']);
    expect(fake.requests).toHaveLength(0);
  });

  it('ask for no further page, and give no item, when the listener has left at a page', async () => {
    const { clock, fake, pages } = start();
    const told: string[] = [];
    pages()
      .events()
      .pipe(take(2))
      .subscribe(({ type }) => told.push(type));
    fake.last.answer(200, { data: [1], next: 'b' });
    await turns(clock);
    expect(told).toEqual(['connecting', 'page']);
    expect(fake.requests).toHaveLength(1);
  });

  it('end with an error where a layer gives no answer, or the call was never one', async () => {
    const mute: Layer = () => of<ApiEvent<unknown>>({ type: 'value', attempt: 1, value: [1] });
    expect(
      await failure(
        start({ layers: [mute] })
          .pages()
          .events(),
      ),
    ).toMatchObject({ kind: 'protocol' });
    const { api } = start();
    const escaping = paginate(() => api.get<number[]>('//elsewhere.test/'));
    expect(await failure(escaping.events())).toMatchObject({ kind: 'config' });
  });
});
