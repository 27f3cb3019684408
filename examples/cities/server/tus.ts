import { createHash, type Hash } from 'node:crypto';

import { type Exchange, refuse, reset } from './exchange.ts';
import type { Journal } from './journal.ts';

/** Of the file that is on its way in a run; its bytes are counted in the journal, and not kept. */
interface Upload {
  readonly size: number;
  readonly hash: Hash;
}

/** Each time that so many bytes have come, the connection is cut. */
const CUT_EVERY_BYTES = 7e6;
const PROTOCOL = { 'tus-resumable': '1.0.0', 'cache-control': 'no-store' };

const uploads = new WeakMap<Journal, Upload>();

/** What this server can do of tus 1.0.0: the core, and creation. */
export async function tellTus({ response }: Exchange): Promise<void> {
  response.writeHead(204, { ...PROTOCOL, 'tus-version': '1.0.0', 'tus-extension': 'creation' }).end();
}

/** Begins an upload; a run has room for one. */
export async function createUpload({ journal, request, response }: Exchange): Promise<void> {
  const { tus } = journal;
  tus.created++;
  tus.bytes = 0;
  uploads.set(journal, { size: Number(request.headers['upload-length']), hash: createHash('sha256') });
  response.writeHead(201, { ...PROTOCOL, location: 'tus/1' }).end();
}

/** How far the upload is. */
export async function tellOffset({ journal, response }: Exchange): Promise<void> {
  const upload = uploads.get(journal);
  if (!upload) return refuse(response, 404, 'No such upload', PROTOCOL);
  const { bytes } = journal.tus;
  response.writeHead(200, { ...PROTOCOL, 'upload-offset': bytes, 'upload-length': upload.size }).end();
}

/** Takes what comes from the offset on, and cuts the connection again and again. */
export async function appendToUpload(exchange: Exchange): Promise<void> {
  const { journal, request, response } = exchange;
  const { tus } = journal;
  const upload = uploads.get(journal);
  if (!upload) return refuse(response, 404, 'No such upload', PROTOCOL);
  if (Number(request.headers['upload-offset']) !== tus.bytes) return refuse(response, 409, 'Not from here', PROTOCOL);
  for await (const chunk of request as AsyncIterable<Buffer>) {
    upload.hash.update(chunk);
    tus.bytes += chunk.length;
    if (tus.bytes < (tus.cuts + 1) * CUT_EVERY_BYTES) continue;
    tus.cuts++;
    return reset(exchange);
  }
  if (tus.bytes === upload.size) tus.sha256 = upload.hash.digest('hex');
  response.writeHead(204, { ...PROTOCOL, 'upload-offset': tus.bytes }).end();
}
