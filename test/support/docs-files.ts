import { Buffer } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

import { beginFile } from './begin-file.js';

const FILE = Buffer.alloc(100_000, 'millrace ');
const ETAG = '"first"';
const TUS = { 'tus-resumable': '1.0.0', 'tus-version': '1.0.0', 'tus-extension': 'creation,termination' };

/** What the docs server keeps of files: downloads that were cut, and uploads. */
export class DocsFiles {
  readonly #cut = new Set<string>();
  readonly #uploads = new Map<string, { length: number; held: Buffer }>();

  /** @returns whether the route was one of these */
  answer(request: IncomingMessage, url: URL, path: string, body: Buffer, response: ServerResponse): boolean {
    if (path === '/file') this.#download(request, url.searchParams.get('key'), response);
    else if (/^\/files(\/|$)/.test(path)) this.#upload(request, path, body, response);
    else return false;
    return true;
  }

  #download(request: IncomingMessage, key: string | null, response: ServerResponse): void {
    const at = beginFile(request, response, FILE, ETAG);
    if (key === null || this.#cut.has(key)) return void response.end(FILE.subarray(at));
    this.#cut.add(key);
    response.write(FILE.subarray(at, at + 40_000), () => setImmediate(() => response.destroy()));
  }

  #upload({ method, headers }: IncomingMessage, path: string, body: Buffer, response: ServerResponse): void {
    const reply = (status: number, fields: Record<string, string | number> = {}) =>
      void response.writeHead(status, { ...TUS, 'cache-control': 'no-store', ...fields }).end();
    if (method === 'OPTIONS') return reply(204);
    if (method === 'POST') {
      const id = randomUUID();
      this.#uploads.set(id, { length: Number(headers['upload-length']), held: Buffer.alloc(0) });
      return reply(201, { location: `${path}/${id}` });
    }
    const id = path.split('/').at(-1)!;
    const upload = this.#uploads.get(id);
    if (!upload) return reply(404);
    if (method === 'DELETE') this.#uploads.delete(id);
    if (method === 'PATCH') {
      if (Number(headers['upload-offset']) !== upload.held.length) return reply(409);
      upload.held = Buffer.concat([upload.held, body]);
    }
    reply(method === 'HEAD' ? 200 : 204, { 'upload-offset': upload.held.length, 'upload-length': upload.length });
  }
}
