import { type ApiError, isApiError, type RequestSummary } from '../core/errors.js';
import { oneLine } from '../core/one-line.js';

const SECRET = /(token|key|secret|passw|pwd|sign|^sig$|auth|session|credential|^code$|jwt)/i;

/** User name and password, also where the URL is written as only browsers read it. */
// oxlint-disable-next-line no-control-regex -- control characters before a URL are what parsers overlook
const USERINFO = /^([\0- ]*(?:[a-z][a-z0-9+.-]*:[\\/]*|[\\/]{2,}))[^/?#\\]*@/i;

/** What a message shows of a URL, and of what went wrong. Unit: characters. */
const MOST_URL = 300;
const MOST_MESSAGE = 500;

/** A URL that is safe to log: without userinfo, and the values of query parameters with telling names are hidden. */
export function redactUrl(given: string, secrets: readonly string[] = []): string {
  const url = given.replace(USERINFO, '$1').replace(/#.+$/s, '#[hidden]');
  const at = url.indexOf('?') + 1 || url.length;
  const query = url.slice(at).replace(/[^&]+/g, (pair) => {
    const name = pair.split('=', 1)[0]!;
    return secrets.includes(name) || SECRET.test(name) ? `${name}=[hidden]` : pair;
  });
  return url.slice(0, at) + query;
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
