import { type FlatHeaders, mergeHeaders, readHeaders } from '../http/headers.js';
import type { CallOptions, HeadersInput } from '../http/types.js';

/** What the exchanges of an upload or a download have in common with other calls. */
export interface ExchangeOptions extends Pick<
  CallOptions,
  'path' | 'query' | 'timeouts' | 'limits' | 'context' | 'cookies' | 'cache' | 'keepalive'
> {
  /** A function is asked anew for each exchange. */
  readonly headers?: HeadersInput | (() => HeadersInput);
}

/** The keys of {@link ExchangeOptions}. */
export const EXCHANGE_KEYS: readonly string[] =
  'path query timeouts limits context cookies cache keepalive headers'.split(' ');

/**
 * The options of one exchange.
 *
 * @param given - what the caller said, with other keys that do not count here
 * @param own - names and values by turns, which win over the caller's
 * @param placed - whether the URL is the caller's own, so that `path` and `query` belong to it
 */
export function exchangeOptions(given: ExchangeOptions, own: FlatHeaders, placed = true): CallOptions {
  const picked: Record<string, unknown> = {};
  for (const key of EXCHANGE_KEYS) {
    const value = given[key as keyof ExchangeOptions];
    if (value !== undefined && (placed || (key !== 'path' && key !== 'query'))) picked[key] = value;
  }
  const { headers } = given;
  const theirs = readHeaders(typeof headers === 'function' ? headers() : headers, 'headers');
  return { ...picked, headers: pairsOf(mergeHeaders(theirs, own)), retry: false };
}

function pairsOf(flat: FlatHeaders): [string, string][] {
  return flat.flatMap((name, i): [string, string][] => (i % 2 === 0 ? [[name, flat[i + 1]!]] : []));
}
