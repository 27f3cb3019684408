import type { IncomingMessage, ServerResponse } from 'node:http';

/** Header fields of answers that pages of other origins may read, and of requests that they may send. */
const EXPOSED = 'content-range, etag, link, location, operation-location, retry-after';
const ALLOWED = 'content-type, if-range, last-event-id, range';

/**
 * Lets pages of other origins in, as a server would that has a list of what it allows and not a mirror of what it is asked.
 *
 * @returns whether the request was but the question for it
 */
export function answerAcross({ method }: IncomingMessage, response: ServerResponse): boolean {
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('access-control-expose-headers', EXPOSED);
  if (method !== 'OPTIONS') return false;
  response.setHeader('access-control-allow-methods', 'GET, POST, PUT');
  response.setHeader('access-control-allow-headers', ALLOWED);
  response.writeHead(204).end();
  return true;
}
