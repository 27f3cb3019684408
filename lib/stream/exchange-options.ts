import { type FlatHeaders, mergeHeaders, readHeaders } from '../http/headers.js';
import type { CallOptions, HeadersInput, QueryInput } from '../http/types.js';
import type { Asked } from './ask-anew.js';

/** A value, or a function that gives it anew for each exchange. */
export type PerExchange<V> = V | (() => V | PromiseLike<V>);

/** What the exchanges of an upload or a download have in common with other calls. */
export interface ExchangeOptions extends Pick<
  CallOptions,
  'path' | 'timeouts' | 'limits' | 'context' | 'cookies' | 'cache' | 'keepalive'
> {
  readonly query?: PerExchange<QueryInput>;
  readonly headers?: PerExchange<HeadersInput>;
}

/** The keys of {@link ExchangeOptions}. */
export const EXCHANGE_KEYS: readonly string[] =
  'path query timeouts limits context cookies cache keepalive headers'.split(' ');

/**
 * The options of one exchange.
 *
 * @param given - what the caller said, with other keys that do not count here
 * @param query - of that, asked for anew, as are the fields
 * @param own - names and values by turns, which win over the caller's
 * @param placed - whether the URL is the caller's own, so that `path` and `query` belong to it
 */
export function exchangeOptions(
  given: ExchangeOptions,
  [, query, headers]: Asked,
  own: FlatHeaders,
  placed = true,
): CallOptions {
  const picked: Record<string, unknown> = {};
  for (const key of EXCHANGE_KEYS) {
    const value = key === 'query' ? query : given[key as keyof ExchangeOptions];
    if (value !== undefined && (placed || (key !== 'path' && key !== 'query'))) picked[key] = value;
  }
  const theirs = readHeaders(headers, 'headers');
  return { ...picked, headers: pairsOf(mergeHeaders(theirs, own)), retry: false };
}

function pairsOf(flat: FlatHeaders): [string, string][] {
  return flat.flatMap((name, i): [string, string][] => (i % 2 === 0 ? [[name, flat[i + 1]!]] : []));
}
