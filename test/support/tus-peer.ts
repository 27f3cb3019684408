import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { FileStore } from '@tus/file-store';
import { Server } from '@tus/server';

/** A tus server of somebody else's making, with its files in a directory of its own. */
export interface TusPeer {
  readonly origin: string;
  /** `PATCH /files/…`, in the order they came. */
  readonly seen: string[];
  /** May answer a request itself, and then says true. */
  meet: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** What it holds of the upload with this URL. */
  file(url: string): Promise<Buffer>;
  metadata(url: string): Promise<Record<string, string | null>>;
  close(): Promise<void>;
}

export async function startTusPeer(options: { maxSize?: number; expiresMs?: number } = {}): Promise<TusPeer> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-tus-'));
  const { maxSize, expiresMs } = options;
  const datastore = new FileStore({ directory, ...(expiresMs && { expirationPeriodInMilliseconds: expiresMs }) });
  const tus = new Server({ path: '/files', datastore, relativeLocation: true, ...(maxSize && { maxSize }) });
  const http = createServer((request, response) => {
    peer.seen.push(`${request.method} ${request.url}`);
    if (!peer.meet(request, response)) void tus.handle(request, response);
  });
  await new Promise<void>((resolve) => void http.listen(0, '127.0.0.1', resolve));
  const idOf = (url: string) => url.split('/').at(-1)!;
  const peer: TusPeer = {
    origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    seen: [],
    meet: () => false,
    file: (url) => readFile(join(directory, idOf(url))),
    metadata: async (url) => (await datastore.getUpload(idOf(url))).metadata ?? {},
    close: async () => {
      await new Promise<void>((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      });
      await rm(directory, { recursive: true, force: true });
    },
  };
  return peer;
}
