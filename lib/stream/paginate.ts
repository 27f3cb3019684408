import { ConfigError } from '../core/errors.js';
import { must } from '../core/must.js';
import { readOptions } from '../core/options.js';
import type { ApiResponse } from '../http/answer-types.js';
import type { Call } from '../http/call.js';
import { nextLink } from './link.js';
import type { Page, PageEvent } from './page.js';
import { type PageRules, PagesRun } from './pages-run.js';
import { StreamFlow } from './stream-flow.js';

/** Settings for {@link paginate}. */
export interface PaginateOptions<P, T, C = string> {
  /**
   * Where the next page lies; `undefined`, `null` or an empty string behind the last one. Gets the whole answer, and the
   * cursor that it was asked for with. @defaultValue the URL of the `Link` field's `rel="next"`
   */
  readonly next?: (response: ApiResponse<P>, cursor: C | undefined) => C | null | undefined;
  /** The items of a page: `(body, count)`, pages counted from 1. @defaultValue the body itself, an array */
  readonly items?: (body: P, count: number) => readonly T[];
  /** Begins at this cursor, such as the `next` of a page that was dealt with before. @defaultValue at the first page */
  readonly from?: C;
  /** Fetches one page ahead, while the items before it are dealt with. @defaultValue false */
  readonly prefetch?: boolean;
}

/**
 * The items of all pages, one after the other; {@link Pages.pages} gives them page by page, and `events()` tells how they
 * are fetched.
 *
 * - next: each item, no faster than it is asked for; the next page is asked for when something of it is.
 * - error: what the page's call fails with, the same object, behind the items that came before it; or a ProtocolError when
 *   a cursor comes twice.
 * - complete: behind the last item of the last page.
 * - unsubscribe: aborts the page that is being fetched, and asks for no further one.
 */
export class Pages<T, C = string> extends StreamFlow<T, C, PageEvent<C>> {
  readonly #rules: PageRules<T, C>;

  /** @internal */
  constructor(rules: PageRules<T, C>) {
    super((to, tell) => new PagesRun<T, T, C>(to, rules, ({ items }) => items, tell).start());
    this.#rules = rules;
  }

  /** The pages themselves: items, cursors and the whole answer. A subscription of its own. */
  pages(): StreamFlow<Page<T, C>, C, PageEvent<C>> {
    const rules = this.#rules;
    return new StreamFlow((to, tell) => new PagesRun<Page<T, C>, T, C>(to, rules, (page) => [page], tell).start());
  }
}

const KEYS = ['next', 'items', 'from', 'prefetch'];

function bodyItself(body: unknown): readonly unknown[] {
  if (Array.isArray(body)) return body;
  throw new ConfigError('paginate.items', 'the body is no array: say where its items are, items: (body) => body.data');
}

/**
 * Makes one stream of the pages of a list.
 *
 * Each page is a call of its own, fetched whole: its retries lose no item and repeat none. Nothing is fetched before it is
 * wanted, apart from one page with `prefetch`.
 *
 * @param page - makes the call for a page: `(cursor, count) => call`, without a cursor for the first page, pages counted
 *   from 1; throwing fails the stream
 * @param options - see {@link PaginateOptions}
 * @throws ConfigError when an option is wrong
 * @see RFC 8288, "Web Linking", for `Link`; Google AIP-158 for tokens
 *
 * @example
 * ```ts
 * import { createApi, paginate } from 'millrace';
 *
 * const api = createApi({ baseUrl: 'https://api.example.com/v1' });
 * const people$ = paginate((url) => api.get<{ id: number }[]>(url ?? '/people'));
 *
 * let count = 0;
 * for await (const person of people$) count += person.id > 0 ? 1 : 0;
 * count; // => 100
 * ```
 */
export function paginate<T, C = string>(
  page: (cursor: C | undefined, count: number) => Call<readonly T[]>,
  options?: PaginateOptions<readonly T[], T, C> & { readonly items?: undefined },
): Pages<T, C>;
export function paginate<P, T, C = string>(
  page: (cursor: C | undefined, count: number) => Call<P>,
  options: PaginateOptions<P, T, C> & { readonly items: (body: P, count: number) => readonly T[] },
): Pages<T, C>;
export function paginate<P, T, C>(
  page: (cursor: C | undefined, count: number) => Call<P>,
  options: PaginateOptions<P, T, C> = {},
): Pages<T, C> {
  const given = readOptions(options, KEYS, 'paginate') as PaginateOptions<P, T, C>;
  const { next, items = bodyItself as (body: P) => readonly T[], from, prefetch = false } = given;
  must(typeof page === 'function', 'paginate.page', 'a function that makes the call for a cursor');
  must(next === undefined || typeof next === 'function', 'paginate.next', 'a function of the answer');
  must(typeof items === 'function', 'paginate.items', 'a function of the body');
  must(typeof prefetch === 'boolean', 'paginate.prefetch', 'true or false');
  const rules = {
    page,
    next: next ? (response: ApiResponse<P>, cursor: C | undefined) => present(next(response, cursor)) : nextLink,
    own: next ? undefined : ({ url }: ApiResponse<unknown>) => url,
    items,
    from: present(from),
    prefetch,
  };
  return new Pages<T, C>(rules as unknown as PageRules<T, C>);
}

/** An empty token says that there is no further page (AIP-158). */
function present<C>(cursor: C | null | undefined): C | undefined {
  return cursor === null || cursor === '' ? undefined : cursor;
}
