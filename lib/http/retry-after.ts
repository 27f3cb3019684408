import type { HeadersView } from '../core/wire.js';

/**
 * Reads `Retry-After`: whole seconds or a date in the one format that senders must write (RFC 9110, section 5.6.7),
 * which is that of `toUTCString`; anything else counts as absent.
 *
 * @returns milliseconds from now, 0 for a date that has passed
 */
export function readRetryAfter(headers: HeadersView, now: number): number | undefined {
  const text = headers.get('retry-after')?.trim() ?? '';
  if (/^\d{1,15}$/.test(text)) return Number(text) * 1000;
  const at = new Date(text);
  return at.toUTCString() === text && text.endsWith('GMT') ? Math.max(0, Number(at) - now) : undefined;
}
