import { firstValueFrom, type Observable, take, toArray } from 'rxjs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { type Api, createApi } from '../../lib/http/api.js';
import { paginate } from '../../lib/stream/paginate.js';
import { leastMs } from '../support/least.js';
import { all, failure, outcome } from '../support/outcome.js';
import { type Route, type Server, startServer } from '../support/server.js';
import { startScripted } from './scripted-server.js';

/** Pages asked for with `?fail=` that have failed. */
const failed = new Set<string>();
/** Of twenty-five items. */
const numbers = (from: number, count: number): { n: number }[] =>
  Array.from({ length: Math.max(0, Math.min(25 - from, count)) }, (_, at) => ({ n: from + at + 1 }));

const byLink: Route = ({ query, json, breakOff }) => {
  const page = query.number('page', 1);
  const key = `${query.text('fail', '')}/${page}`;
  if (query.text('fail', '') !== '' && !failed.has(key)) {
    failed.add(key);
    if (query.text('fail', '') === 'reset') return breakOff('reset');
    return json({ title: 'busy' }, 503, [['retry-after', '0']]);
  }
  const rest = query.text('fail', '') === '' ? '' : `&fail=${query.text('fail', '')}`;
  const links = [`<?page=3${rest}>; rel="last"`, ...(page < 3 ? [`<?page=${page + 1}${rest}>; rel="next"`] : [])];
  return json(numbers((page - 1) * 10, 10), 200, [['link', links.join(', ')]]);
};
const byToken: Route = ({ query, json }) => {
  const from = Number(query.text('token', '0'));
  json({ data: numbers(from, 10), next_page_token: from + 10 < 25 ? String(from + 10) : '' }, 200, [
    ['x-next', from + 10 < 25 ? String(from + 10) : ''],
  ]);
};
const byOffset: Route = ({ query, json }) => json(numbers(query.number('offset', 0), 10));
const looping: Route = ({ query, json }) => {
  const page = query.number('page', 1);
  const back = query.number('back', 1);
  json([{ n: page }], 200, [['link', `<?page=${page === 3 ? back : page + 1}&back=${back}>; rel=next`]]);
};

let server: Server;
let api: Api;
beforeAll(async () => {
  const routes = { '/pages/link': byLink, '/pages/token': byToken, '/pages/offset': byOffset, '/pages/loop': looping };
  server = await startServer({ routes });
  api = createApi({ baseUrl: server.origin, retry: { backoff: () => 1 } });
});
afterAll(() => server.close());
beforeEach(() => {
  server.reset();
  failed.clear();
});

interface Item {
  readonly n: number;
}
interface Tokens {
  readonly data: readonly Item[];
  readonly next_page_token: string;
}
const everything = numbers(0, 25).map(({ n }) => n);
const byLinks = (query = '') => paginate((url) => api.get<Item[]>(url ?? `/pages/link${query}`));

describe('paginate', () => {
  it('follows Link fields with relative URLs to the last page', async () => {
    expect((await all(byLinks())).map(({ n }) => n)).toEqual(everything);
    expect(server.requests().map(({ url }) => url)).toEqual([
      '/pages/link',
      '/pages/link?page=2',
      '/pages/link?page=3',
    ]);
  });

  it('goes by a token in the body, which is empty behind the last page', async () => {
    const items$ = paginate((token) => api.get<Tokens>('/pages/token', { query: { token } }), {
      next: ({ body }) => body.next_page_token,
      items: ({ data }) => data,
    });
    expect((await all(items$)).map(({ n }) => n)).toEqual(everything);
  });

  it('goes by a token in a header field', async () => {
    const items$ = paginate((token) => api.get<Tokens>('/pages/token', { query: { token } }), {
      next: ({ headers }) => headers.get('x-next'),
      items: ({ data }) => data,
    });
    expect((await all(items$)).map(({ n }) => n)).toEqual(everything);
  });

  it('goes by an offset, counted on from the cursor', async () => {
    const items$ = paginate((offset: number | undefined) => api.get<Item[]>('/pages/offset', { query: { offset } }), {
      next: ({ body }, offset = 0) => (body.length === 10 ? offset + 10 : undefined),
      from: 10,
    });
    expect((await all(items$)).map(({ n }) => n)).toEqual(everything.slice(10));
  });

  it('takes cursors that are objects', async () => {
    const asked: unknown[] = [];
    const items$ = paginate(
      (key: { after: number } | undefined) => {
        asked.push(key);
        return api.get<Item[]>('/pages/offset', { query: { offset: key?.after } });
      },
      { next: ({ body }) => (body.length === 10 ? { after: body.at(-1)!.n } : null) },
    );
    expect(await all(items$)).toHaveLength(25);
    expect(asked).toEqual([undefined, { after: 10 }, { after: 20 }]);
  });

  it('gives pages with their cursors and answers, and goes on from any of them', async () => {
    const pages = await all(byLinks().pages());
    expect(pages.map(({ items }) => items.length)).toEqual([10, 10, 5]);
    expect(pages[0]).toMatchObject({ cursor: undefined, next: `${server.origin}/pages/link?page=2` });
    expect(pages[2]).toMatchObject({ cursor: pages[1]!.next, next: undefined, response: { status: 200 } });
    const { next } = pages[0]!;
    const rest$ = paginate((url) => api.get<Item[]>(url ?? '/pages/link'), next === undefined ? {} : { from: next });
    expect((await all(rest$)).map(({ n }) => n)).toEqual(everything.slice(10));
  });

  it.each(['status', 'reset'])('loses and repeats nothing when every page fails at first (%s)', async (how) => {
    expect((await all(byLinks(`?fail=${how}`))).map(({ n }) => n)).toEqual(everything);
    expect(server.requests()).toHaveLength(6);
  });

  it('passes on what a page fails with, behind the items before it', async () => {
    const items$ = paginate((url) => api.get<Item[]>(url === undefined ? '/pages/link' : '/status-that-is-not-there'));
    const { values, error } = await outcome(items$);
    expect(values).toHaveLength(10);
    expect(error).toMatchObject({ kind: 'status', status: 404 });
  });

  it('asks for no page that nobody wants', async () => {
    await firstValueFrom(byLinks().pipe(take(10), toArray()));
    expect(server.requests()).toHaveLength(1);
    for await (const { n } of byLinks()) if (n === 11) break;
    expect(server.requests()).toHaveLength(3);
  });

  it.each([1, 2, 3])('finds a loop back to page %i before any page comes twice', async (back) => {
    const first = `/pages/loop?page=1&back=${back}`;
    const { values, error } = await outcome(paginate((url) => api.get<Item[]>(url ?? first)));
    expect(values).toEqual([{ n: 1 }, { n: 2 }]);
    const message = `page 3 leads back to one before it: the cursor ${server.origin}/pages/loop?page=${back}&back=${back}`;
    expect(error).toMatchObject({ kind: 'protocol', message: expect.stringContaining(message) as string });
  });
});

describe('leaving pages', () => {
  it.each(['items', 'pages', 'events'] as const)(
    'closes the socket within 50 ms, with a read pending: %s',
    async (of) => {
      const tookMs = await leastMs(50, async () => {
        const stalled = await startScripted((_, response) => void response.writeHead(200).write('['));
        const items$ = paginate(() => createApi({ baseUrl: stalled.origin }).get<Item[]>('/'));
        const flow = { items: items$, pages: items$.pages(), events: items$.events() }[of] as Observable<unknown>;
        const subscription = flow.subscribe();
        await expect.poll(() => stalled.seen.length).toBe(1);
        const leftAt = performance.now();
        const closed = new Promise<number>((resolve) => {
          stalled.onClose = () => resolve(performance.now() - leftAt);
        });
        subscription.unsubscribe();
        const took = await closed;
        await stalled.close();
        return took;
      });
      expect(tookMs).toBeLessThan(50);
    },
  );
});

describe('what paginate refuses', () => {
  const page = () => api.get<Item[]>('/pages/link');

  it.each([
    ['paginate.next', () => paginate(page, { next: 'link' as never })],
    ['paginate.items', () => paginate(page, { items: 'data' as never })],
    ['paginate.prefetch', () => paginate(page, { prefetch: 1 as never })],
    ['paginate.page', () => paginate('/pages' as never)],
    ['paginate.start', () => paginate(page, { start: 1 } as never)],
  ])('%s', (field, make) => {
    expect(make).toThrowError(expect.objectContaining({ kind: 'config', field }));
  });

  it('is a page that is no call', async () => {
    const error = await failure(paginate((() => fetch) as never));
    expect(error).toMatchObject({ kind: 'config', field: 'paginate.page' });
  });

  it('is a body that is no array, where nothing says where its items are', async () => {
    const error = await failure(paginate(() => api.get<Item[]>('/pages/token')));
    expect(error).toMatchObject({ kind: 'config', field: 'paginate.items' });
  });

  it('is nothing that the functions throw: it passes, the same object', async () => {
    const mine = new Error('mine');
    const throwing = (): never => {
      throw mine;
    };
    for (const items$ of [
      paginate<Item>(throwing),
      paginate(page, { next: throwing }),
      paginate(page, { items: throwing }),
    ]) {
      expect((await outcome(items$)).error).toBe(mine);
    }
  });
});
