import type { Query } from './query.js';
import type { Pair } from './types.js';

/** Looks a header up, whatever its case. */
export function headerOf(headers: readonly Pair[], name: string): string | undefined {
  return headers.find(([n]) => n.toLowerCase() === name)?.[1];
}

/** A preflight is told from a plain OPTIONS by the question it brings. */
export function isPreflight(method: string, headers: readonly Pair[]): boolean {
  return method === 'OPTIONS' && headerOf(headers, 'access-control-request-method') !== undefined;
}

/**
 * What lets a page of another origin read an answer: only for requests that say their origin.
 * `exposed` names the answer's headers, because `*` means nothing once credentials are sent. `?cors=off` refuses.
 */
export function corsHeaders(headers: readonly Pair[], query: Query, exposed: readonly string[]): Pair[] {
  const origin = headerOf(headers, 'origin');
  if (origin === undefined || query.text('cors', 'on') === 'off') return [];
  const names = [...new Set(['date', ...exposed.map((name) => name.toLowerCase())])];
  return [
    ['access-control-allow-origin', origin],
    ['access-control-allow-credentials', 'true'],
    ['access-control-expose-headers', names.join(', ')],
    ['timing-allow-origin', '*'],
    ['vary', 'Origin'],
  ];
}

/** Allows what the browser asks for. `?max-age=s` lets it remember; by default every call asks anew. */
export function preflightHeaders(headers: readonly Pair[], query: Query): Pair[] {
  const asks = (name: string) => headerOf(headers, `access-control-request-${name}`);
  if (query.text('cors', 'on') === 'off') return [];
  const answer: Pair[] = [
    ['access-control-allow-methods', asks('method') ?? 'GET'],
    ['access-control-max-age', query.text('max-age', '0')],
  ];
  const wanted = asks('headers');
  if (wanted !== undefined) answer.push(['access-control-allow-headers', wanted]);
  if (asks('private-network') === 'true') answer.push(['access-control-allow-private-network', 'true']);
  return answer;
}
