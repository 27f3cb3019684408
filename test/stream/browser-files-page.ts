import { firstValueFrom, type Subscription } from 'rxjs';

import { json } from '../../lib/codec/json.js';
import type { ApiError } from '../../lib/core/errors.js';
import { createApi } from '../../lib/http/api.js';
import type { TimeoutsInput } from '../../lib/http/types.js';
import { download } from '../../lib/stream/download.js';
import { upload } from '../../lib/stream/upload.js';
import type { UploadFlow } from '../../lib/stream/upload-flow.js';
import type { UploadOptions } from '../../lib/stream/upload-settings.js';
import type { UploadStore } from '../../lib/stream/upload-store.js';

/** What is known of a transfer in the page. */
export interface TransferSeen {
  /** The states of the connection. */
  readonly types: readonly string[];
  /** What the progress said, in order. */
  readonly loaded: readonly number[];
  readonly total: number | undefined;
  readonly url: string | undefined;
  readonly body: unknown;
  readonly end: string | undefined;
  readonly kind: string | undefined;
}

/** What the page offers to the test that opened it. */
export interface FilesPage {
  /** @param bytes - size of the file, the same one each time; it is a File, remembered in `localStorage` */
  upload(base: string, bytes: number, options?: UploadOptions): void;
  /** Sends a file in one request, and looks at nothing but its end. */
  putQuietly(base: string, path: string, bytes: number, timeouts: TimeoutsInput): Promise<string>;
  /** Goes on with the same upload. */
  subscribe(): void;
  download(base: string, path: string): void;
  leave(): void;
  terminate(): Promise<void>;
  look(): TransferSeen;
  /** SHA-256 of what was downloaded, by the browser. */
  digest(): Promise<string>;
  kept(): number;
}

interface Platform {
  readonly localStorage: {
    readonly length: number;
    getItem(name: string): string | null;
    setItem(name: string, value: string): void;
    removeItem(name: string): void;
  };
  readonly File: new (parts: readonly unknown[], name: string, options: object) => Blob;
}
const { localStorage, File } = globalThis as unknown as Platform;

const store: UploadStore = {
  get: (name) => JSON.parse(localStorage.getItem(name) ?? 'null'),
  set: (name, kept) => localStorage.setItem(name, JSON.stringify(kept)),
  remove: (name) => localStorage.removeItem(name),
};

const reconnect = { baseMs: 1, capMs: 10, budget: false } as const;

let running: Subscription;
let flow: UploadFlow<unknown>;
let types: string[] = [];
let loaded: number[] = [];
let total: number | undefined;
let result: { url: string; response: { body: unknown } } | undefined;
let pieces: Uint8Array[] = [];
let end: string | undefined;
let failure: ApiError | undefined;

function begin(): void {
  [types, loaded, pieces, total, result, end, failure] = [[], [], [], undefined, undefined, undefined, undefined];
}

const ends = {
  error(error: ApiError) {
    failure = error;
    end = String(error);
  },
  complete: () => void (end = 'complete'),
};

function fileOf(bytes: number): Blob {
  const content = new Uint8Array(bytes);
  for (let i = 0; i < bytes; i++) content[i] = i % 251;
  return new File([content], 'größe.bin', { type: 'application/x-film', lastModified: 1 });
}

const page: FilesPage = {
  upload(base, bytes, options = {}) {
    const file = fileOf(bytes);
    const isForm = options.protocol === 'put' || options.protocol === 'multipart';
    const own = { ...options, store, reconnect, ...(isForm && { as: json() }) };
    flow = upload(createApi({ baseUrl: base }), isForm ? '/put' : '/files', file, own);
    page.subscribe();
  },
  putQuietly: (base, path, bytes, timeouts) =>
    firstValueFrom(
      upload(createApi({ baseUrl: base }), path, fileOf(bytes), { protocol: 'put', timeouts, reconnect: false }),
    ).then(() => 'complete', String),
  subscribe() {
    begin();
    running = flow.events().subscribe({
      ...ends,
      next(event) {
        if (event.type === 'value') result = event.value;
        else if (event.type !== 'upload') types.push(event.type);
        else [total] = [event.total, loaded.push(event.loaded)];
      },
    });
  },
  download(base, path) {
    begin();
    const film = download(createApi({ baseUrl: base }), path, { reconnect });
    running = film.events().subscribe({
      ...ends,
      next(event) {
        if (event.type === 'value') pieces.push(event.value);
        else if (event.type !== 'download') types.push(event.type);
      },
    });
  },
  leave: () => running.unsubscribe(),
  terminate: () =>
    new Promise((resolve, reject) => void flow.terminate().subscribe({ complete: resolve, error: reject })),
  look: () => ({ types, loaded, total, url: result?.url, body: result?.response.body, end, kind: failure?.kind }),
  async digest() {
    const bytes = await new Blob(pieces as never[]).arrayBuffer();
    const digest = await crypto.subtle.digest('SHA-256', bytes);
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
  },
  kept: () => localStorage.length,
};

Object.assign(globalThis, { filesPage: page });
