import type { HeadersView } from '../core/wire.js';

// The two obsolete formats of dates: Friday, 02-Jan-26 03:04:06 GMT, and Fri Jan  2 03:04:06 2026.
const RFC_850 = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*day, (\d\d)-(\w{3})-(\d\d) (\S{8}) GMT$/;
const ASCTIME = /^(\w{3}) (\w{3}) ([ \d]\d) (\S{8}) (\d{4})$/;

/**
 * Reads `Retry-After`: whole seconds, or a date in one of the three formats that recipients must read (RFC 9110,
 * section 5.6.7); anything else counts as absent.
 *
 * @returns milliseconds from now, 0 for a date that has passed
 */
export function readRetryAfter(headers: HeadersView, now: number): number | undefined {
  const text = headers.get('retry-after')?.trim() ?? '';
  if (/^\d{1,15}$/.test(text)) return Number(text) * 1000;
  const date = modern(text, now);
  // A leap second is the one after the 59th.
  const whole = date.replace(/:60 GMT$/, ':59 GMT');
  const atMs = Number(new Date(whole)) + (whole === date ? 0 : 1000);
  return new Date(whole).toUTCString() === whole && whole.endsWith('GMT') ? Math.max(0, atMs - now) : undefined;
}

/** A date in the format that senders must write, which is that of `toUTCString`. */
function modern(text: string, now: number): string {
  const [, day, date, month, year, time] = RFC_850.exec(text) ?? [];
  if (!day) {
    return text.replace(ASCTIME, (_, weekday: string, name: string, padded: string, clock: string, full: string) => {
      return `${weekday}, ${padded.replace(' ', '0')} ${name} ${full} ${clock} GMT`;
    });
  }
  const thisYear = new Date(now).getUTCFullYear();
  const inCentury = thisYear - (thisYear % 100) + Number(year);
  // Of two digits: what seems to be more than 50 years ahead has passed.
  return `${day}, ${date} ${month} ${inCentury > thisYear + 50 ? inCentury - 100 : inCentury} ${time} GMT`;
}
