import { of } from 'rxjs';
import { describe, expect, it } from 'vitest';

import type { ApiEvent } from '../../lib/http/answer-types.js';
import { createApi } from '../../lib/http/api.js';
import type { Layer } from '../../lib/http/types.js';
import { paginate } from '../../lib/stream/paginate.js';
import { FakeHeaders } from '../../lib/testing/fake-headers.js';
import { fakeTransport } from '../../lib/testing/fake-transport.js';
import { outcome } from '../support/outcome.js';

const timings = { startedAt: 0, headMs: 0, totalMs: 0 };
const response = { status: 200, headers: new FakeHeaders(), url: 'https://a.test/', attempts: 1, timings };
/** Answers each page at once, with one item. */
const cache: Layer = () =>
  of<ApiEvent<unknown>[]>({ type: 'value', attempt: 1, value: [1] }, { type: 'response', attempt: 1, response });
const api = createApi({ baseUrl: 'https://a.test', transport: fakeTransport(), layers: [cache] });

/** Goes through the pages that `after` leads to; gives how many there were, and the error. */
async function walk<C>(after: (cursor: C | undefined) => C | undefined, from?: C) {
  const page = () => api.get<readonly number[]>('/');
  const next = (_: unknown, cursor: C | undefined) => after(cursor);
  const pages = paginate<number, C>(page, from === undefined ? { next } : { next, from });
  const { values, error } = await outcome(pages);
  return { pages: values.length, error: error as Error | undefined };
}
const by =
  (steps: Readonly<Record<string, string>>) =>
  (cursor = 'first'): string | undefined =>
    steps[cursor];

describe('a loop of cursors', () => {
  it('is found where it comes back to one that a page had', async () => {
    const { pages, error } = await walk(by({ first: 'b', b: 'c', c: 'b' }));
    expect(pages).toBe(2);
    expect(error).toMatchObject({ kind: 'protocol', retryable: false });
    expect(error?.message).toContain('page 3 leads back to one before it: the cursor b came twice');
  });

  it('is found where it comes back to the one that it began at', async () => {
    const { pages, error } = await walk(by({ b: 'c', c: 'b' }), 'b');
    expect([pages, error?.message]).toEqual([1, expect.stringContaining('page 2 leads back')]);
  });

  it('is found by what a cursor says, not by which object it is', async () => {
    const { pages, error } = await walk<{ readonly n: number }>(({ n } = { n: 0 }) => ({ n: (n + 1) % 3 }));
    expect([pages, error?.message]).toEqual([3, expect.stringContaining('the cursor {"n":1} came twice')]);
  });

  it('does not show the secrets of a URL', async () => {
    const url = 'https://a.test/pages?token=hush&page=2';
    const { error } = await walk(() => url);
    expect(error?.message).toContain('https://a.test/pages?token=[hidden]&page=2');
  });

  it('is looked for among the last ten thousand pages, so that a long list takes no more memory', async () => {
    let isBack = false;
    const upTo = (last: number, back: number) => {
      isBack = false;
      return walk<number>((n = 0) => {
        if (isBack) return undefined;
        isBack = n === last;
        return isBack ? back : n + 1;
      });
    };
    expect((await upTo(10_050, 60)).error).toMatchObject({ kind: 'protocol' });
    expect(await upTo(10_050, 10)).toEqual({ pages: 10_052, error: undefined });
  });
});
