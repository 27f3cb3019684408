import { type ApiError, isApiError, type RequestSummary } from '../core/errors.js';

const SECRET = /(token|key|secret|passw|pwd|sign|^sig$|auth|session|credential|^code$|jwt)/i;

/** A URL that is safe to log: the values of query parameters with telling names are hidden. */
export function redactUrl(url: string, secrets: readonly string[] = []): string {
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
  error.message = `${request.method} ${request.url}: ${message}`;
  if (stack) error.stack = stack.replace(message, () => error.message);
}
