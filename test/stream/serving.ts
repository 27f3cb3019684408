import { afterEach } from 'vitest';

import type { SseEvent } from '../../lib/codec/sse-types.js';
import type { ApiError } from '../../lib/core/errors.js';
import { type Api, createApi } from '../../lib/http/api.js';
import type { EventStreamOptions } from '../../lib/stream/event-stream-options.js';
import { eventStream } from '../../lib/stream/event-stream.js';
import { type SseScript, type SseServer, startSse } from '../support/sse-server.js';

/** Waits that a test can wait for. */
export const quick = { baseMs: 2, capMs: 5 };

/** The server of a test, and a client for it. */
export interface Serving {
  server: SseServer;
  api: Api;
  /** Starts a server that does with each request what the next script says; the last one stays. */
  serve(...scripts: SseScript[]): Promise<void>;
}

/** Servers for the tests of a file, each closed behind its test. */
export function serving(): Serving {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    await Promise.all(ends.splice(0).map((end) => end()));
  });
  const at: Pick<Serving, 'serve'> = {
    async serve(...scripts) {
      const server = await startSse(...scripts);
      const api = createApi({ baseUrl: server.origin });
      ends.push(server.close, api.close);
      Object.assign(at, { server, api });
    },
  };
  return at as Serving;
}

/** An answer without a body. */
export const status =
  (code: number, headers: Record<string, string> = {}): SseScript =>
  (answer) => {
    answer.head(code, { 'content-type': 'text/event-stream', ...headers });
    answer.end();
  };

export interface Outcome {
  readonly data: unknown[];
  readonly error?: ApiError;
}

/** The data of all events, and the error that ends them. */
export function outcome<T extends SseEvent<unknown>>(api: Api, options: EventStreamOptions<T> = {}): Promise<Outcome> {
  const data: unknown[] = [];
  return new Promise((resolve) => {
    eventStream(api, '/feed', { reconnect: quick, ...options }).subscribe({
      next: (event) => data.push(event.data),
      error: (error: ApiError) => resolve({ data, error }),
      complete: () => resolve({ data }),
    });
  });
}
