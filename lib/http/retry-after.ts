import type { HeadersView } from '../core/wire.js';

/** The one date format that senders must write (RFC 9110, section 5.6.7), and the days it may name. */
const IMF_DATE =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * Reads `Retry-After`: whole seconds or a date; anything else counts as absent.
 *
 * @returns milliseconds from now, 0 for a date that has passed
 */
export function readRetryAfter(headers: HeadersView, now: number): number | undefined {
  const text = headers.get('retry-after')?.trim() ?? '';
  if (/^\d{1,15}$/.test(text)) return Number(text) * 1000;
  if (!IMF_DATE.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
