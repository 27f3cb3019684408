import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { FileStore } from '@tus/file-store';
import { Server } from '@tus/server';

/** Settings of the server that a test needs otherwise. */
export interface TusOptions {
  readonly maxSize?: number;
  readonly expiresMs?: number;
  readonly allowedOrigins?: readonly string[];
  /** What it answers to the last byte, in place of an empty 204. */
  readonly finish?: { readonly status: number; readonly headers: Record<string, string>; readonly body: string };
}

/** What `@tus/server` keeps, in a directory of its own. */
export interface TusStore {
  /** Answers a request below `/files`. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** What it holds of the upload with this URL. */
  file(url: string): Promise<Buffer>;
  metadata(url: string): Promise<Record<string, string | null>>;
  /** Makes an upload older than it is. */
  age(url: string, ms: number): Promise<void>;
  /** Forgets an upload. */
  drop(url: string): Promise<void>;
  /** Drops what has expired. */
  cleanUp(): Promise<number>;
  remove(): Promise<void>;
}

export async function openTusStore(options: TusOptions = {}): Promise<TusStore> {
  const { maxSize, expiresMs = 0, allowedOrigins, finish } = options;
  const directory = await mkdtemp(join(tmpdir(), 'millrace-tus-'));
  const datastore = new FileStore({ directory, expirationPeriodInMilliseconds: expiresMs });
  const tus = new Server({
    path: '/files',
    datastore,
    relativeLocation: true,
    ...(allowedOrigins && { allowedOrigins: [...allowedOrigins] }),
    ...(maxSize && { maxSize }),
    ...(finish && { onUploadFinish: async () => ({ ...finish, status_code: finish.status }) }),
  });
  const idOf = (url: string) => url.split('/').at(-1)!;
  return {
    handle: (request, response) => void tus.handle(request, response),
    file: (url) => readFile(join(directory, idOf(url))),
    metadata: async (url) => (await datastore.getUpload(idOf(url))).metadata ?? {},
    async age(url, ms) {
      const upload = (await datastore.configstore.get(idOf(url)))!;
      upload.creation_date = new Date(Date.parse(upload.creation_date!) - ms).toISOString();
      await datastore.configstore.set(idOf(url), upload);
    },
    drop: (url) => datastore.remove(idOf(url)),
    cleanUp: () => tus.cleanUpExpiredUploads(),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

/** A tus server of somebody else's making. */
export interface TusPeer extends TusStore {
  readonly origin: string;
  /** `PATCH /files/…`, in the order they came. */
  readonly seen: string[];
  /** Requests that are not answered yet, and whose client is still there. */
  busy: number;
  /** May answer a request itself, and then says true. */
  meet: (request: IncomingMessage, response: ServerResponse) => boolean;
  close(): Promise<void>;
}

export async function startTusPeer(options: TusOptions = {}): Promise<TusPeer> {
  const store = await openTusStore(options);
  const http = createServer((request, response) => {
    peer.seen.push(`${request.method} ${request.url}`);
    peer.busy++;
    response.once('close', () => peer.busy--);
    if (!peer.meet(request, response)) store.handle(request, response);
  });
  await new Promise<void>((resolve) => void http.listen(0, '127.0.0.1', resolve));
  const peer: TusPeer = {
    ...store,
    origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    seen: [],
    busy: 0,
    meet: () => false,
    close: async () => {
      await new Promise<void>((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      });
      await store.remove();
    },
  };
  return peer;
}
