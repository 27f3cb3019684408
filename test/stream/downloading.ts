import type { ServerResponse } from 'node:http';

import { afterEach, expect } from 'vitest';

import { isProgress } from '../../lib/core/progress.js';
import { type Api, createApi } from '../../lib/http/api.js';
import { download } from '../../lib/stream/download.js';
import type { DownloadOptions } from '../../lib/stream/download-settings.js';
import { type Answer, type ScriptedServer, type Seen, startScripted } from './scripted-server.js';

export const FILE = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * i) % 251));
/** What the file has become after its first connection. */
export const other = Buffer.from(FILE.toReversed());
export const quick = { baseMs: 1, capMs: 2, attempts: 6 };

export const firstByte = ({ headers }: Seen): number => Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1]);

/** Answers as a server does that knows ranges; `cut` breaks the connection after so many bytes. */
export function sendRange(
  request: Seen,
  response: ServerResponse,
  { file = FILE, etag = '"v1"', cut = Infinity } = {},
): void {
  const at = firstByte(request);
  const isRange = at > 0 && request.headers['if-range'] === etag;
  const body = isRange ? file.subarray(at) : file;
  const range = { 'content-range': `bytes ${at}-${file.length - 1}/${file.length}` };
  response.writeHead(isRange ? 206 : 200, { etag, 'content-length': body.length, ...(isRange ? range : {}) });
  if (cut >= body.length) response.end(body);
  else response.write(body.subarray(0, cut), () => setImmediate(() => response.destroy()));
}

export const changes: Answer = (request, response, count) =>
  sendRange(request, response, count === 1 ? { cut: 30_000 } : { file: other, etag: '"v2"' });

/** What came of a download: its bytes, its error, and the types of events between progress. */
export interface Downloaded {
  readonly bytes: Buffer;
  readonly error: { readonly kind?: string; readonly message: string } | undefined;
  readonly types: readonly string[];
}

/** The server of a test, closed behind it, and a client for it. */
export interface Downloading {
  readonly server: ScriptedServer;
  start(answer: Answer): Promise<Api>;
  run(answer: Answer, options?: DownloadOptions): Promise<Downloaded>;
}

export function downloading(): Downloading {
  let server: ScriptedServer;
  afterEach(() => server.close());
  const at: Downloading = {
    get server() {
      return server;
    },
    async start(answer) {
      server = await startScripted(answer);
      return createApi({ baseUrl: server.origin });
    },
    async run(answer, options = {}) {
      const api = await at.start(answer);
      let pieces: Uint8Array[] = [];
      const types: string[] = [];
      const restart = options.restart && (() => void (pieces = []));
      const error = await new Promise<unknown>((resolve) => {
        const flow = download(api, '/file', { reconnect: quick, ...options, ...(restart ? { restart } : {}) });
        flow.events().subscribe({
          next: (event) => {
            if (event.type === 'value') pieces.push(event.value);
            else expect(isProgress(event)).toBe(true);
            if (event.type !== 'value' && event.type !== 'download') types.push(event.type);
          },
          error: resolve,
          complete: () => resolve(undefined),
        });
      });
      return { bytes: Buffer.concat(pieces), error: error as Downloaded['error'], types };
    },
  };
  return at;
}
