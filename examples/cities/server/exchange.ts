import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Journal } from './journal.ts';

/** One request in hand. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly journal: Journal;
  /** What the path's pattern took from the path. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Aborted when the client has gone. */
  readonly gone: AbortSignal;
}

/** Waits, and throws as soon as the client has gone. */
export const wait = (ms: number, { gone }: Exchange): Promise<void> => sleep(ms, undefined, { signal: gone });

export function answer(response: ServerResponse, status: number, value: unknown, headers = {}): void {
  const text = JSON.stringify(value);
  const type = status < 400 ? 'application/json' : 'application/problem+json';
  const length = Buffer.byteLength(text);
  response.writeHead(status, { 'content-type': type, 'content-length': length, ...headers }).end(text);
}

/** A failure as RFC 9457 describes it. */
export function refuse(response: ServerResponse, status: number, title: string, headers = {}): void {
  answer(response, status, { title, status }, headers);
}

/** Cuts the connection, as a crashing server or a middlebox does. */
export function reset({ request, journal }: Exchange): void {
  journal.aborted--; // this one is our doing: see `watch`
  request.socket.resetAndDestroy();
}

/** Counts a request, and tells when its client has gone. */
export function watch(response: ServerResponse, journal: Journal): AbortSignal {
  const gone = new AbortController();
  journal.requests++;
  journal.open++;
  journal.mostOpen = Math.max(journal.mostOpen, journal.open);
  response.once('close', () => {
    journal.open--;
    if (response.writableFinished) journal.answered++;
    else journal.aborted++;
    gone.abort();
  });
  return gone.signal;
}

export async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk as string;
    if (text.length > 65_536) throw new RangeError('more than 64 KiB of JSON');
  }
  return text === '' ? {} : JSON.parse(text);
}
