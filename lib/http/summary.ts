import { type ApiError, isApiError, type RequestSummary } from '../core/errors.js';

const SECRET = /(token|key|secret|passw|pwd|sign|^sig$|auth|session|credential|^code$|jwt)/i;

/** User name and password, also where the URL is written as only browsers read it. */
// oxlint-disable-next-line no-control-regex -- control characters before a URL are what parsers overlook
const USERINFO = /^([\0- ]*(?:[a-z][a-z0-9+.-]*:[\\/]*|[\\/]{2,}))[^/?#\\]*@/i;

/** What a message shows of a URL, and of what went wrong. Unit: characters. */
const MOST_URL = 300;
const MOST_MESSAGE = 500;

/** One line, safe for a log: control characters could fake lines of it or steer a terminal. */
export function oneLine(text: string, most: number): string {
  const line = text.slice(0, most).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
  return text.length > most ? `${line}…` : line;
}

/** A URL that is safe to log: without userinfo, and the values of query parameters with telling names are hidden. */
export function redactUrl(given: string, secrets: readonly string[] = []): string {
  const url = given.replace(USERINFO, '$1').replace(/#.+$/s, '#[hidden]');
  const cut = url.indexOf('?');
  if (cut < 0) return url;
  const pairs = url
    .slice(cut + 1)
    .split('&')
    .map((pair) => {
      const name = pair.split('=', 1)[0]!;
      return secrets.includes(name) || SECRET.test(name) ? `${name}=[hidden]` : pair;
    });
  return `${url.slice(0, cut)}?${pairs.join('&')}`;
}

/** Tells an error which request it belongs to, once; its message then begins with method and URL. */
export function describe(error: ApiError, request: RequestSummary): void {
  if (error.request || !isApiError(error)) return;
  error.request = request;
  // What consoles print is the stack; engines may write it from the message when it is first read.
  const { message, stack } = error;
  error.message = `${request.method} ${oneLine(request.url, MOST_URL)}: ${oneLine(message, MOST_MESSAGE)}`;
  if (stack) error.stack = stack.replace(message, () => error.message);
}
