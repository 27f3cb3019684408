import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';

import { type ScriptedServer, type Seen, startScripted } from './scripted-server.js';

export interface Held {
  bytes: Buffer;
  length: number | undefined;
  isPartial: boolean;
}

type Fields = Record<string, string | number>;

/** Answers instead of the server, and then returns true. */
export type Rudeness = (
  seen: Seen,
  reply: (status: number, fields?: Fields) => void,
  held: Held | undefined,
) => boolean;

/** A tus server with every extension, in memory, which a test can make rude. */
export interface RudeTus extends ScriptedServer {
  readonly uploads: Map<string, Held>;
  rude: Rudeness;
  extensions: string;
  /** Added to every answer. */
  fields: Fields;
}

const ALL = 'creation,creation-with-upload,creation-defer-length,checksum,expiration,termination,concatenation';

export async function startRudeTus(): Promise<RudeTus> {
  const http = await startScripted((seen, response) => answer(server, seen, response));
  const server: RudeTus = Object.assign(http, {
    uploads: new Map<string, Held>(),
    rude: () => false,
    extensions: ALL,
    fields: {},
  });
  return server;
}

function answer(server: RudeTus, seen: Seen, response: ServerResponse): void {
  const { uploads } = server;
  const held = uploads.get(seen.url);
  const reply = (status: number, fields: Fields = {}) =>
    void response.writeHead(status, { 'tus-resumable': '1.0.0', ...server.fields, ...fields }).end();
  if (server.rude(seen, reply, held)) return;
  if (seen.method === 'OPTIONS') {
    return reply(204, { 'tus-extension': server.extensions, 'tus-checksum-algorithm': 'sha1,sha256' });
  }
  if (seen.headers['tus-resumable'] !== '1.0.0') return reply(412, { 'tus-version': '0.2.2' });
  if (seen.method === 'POST') return create(server, seen, reply);
  if (!held) return reply(404);
  if (seen.method === 'DELETE') uploads.delete(seen.url);
  if (seen.method === 'PATCH' && !append(held, seen, reply)) return;
  const length: Fields = held.length === undefined ? { 'upload-defer-length': 1 } : { 'upload-length': held.length };
  reply(seen.method === 'HEAD' ? 200 : 204, { 'upload-offset': held.bytes.length, ...length });
}

function create({ uploads }: RudeTus, { headers, body }: Seen, reply: (status: number, fields?: Fields) => void): void {
  const url = `/files/${uploads.size + 1}`;
  const concat = String(headers['upload-concat'] ?? '');
  if (concat.startsWith('final;')) {
    const parts = concat
      .slice(6)
      .split(' ')
      .map((part) => uploads.get(new URL(part, 'http://x').pathname));
    const isWhole = parts.every((part) => part?.isPartial && part.bytes.length === part.length);
    if (!isWhole) return reply(400);
    const bytes = Buffer.concat(parts.map((part) => part!.bytes));
    uploads.set(url, { bytes, length: bytes.length, isPartial: false });
    return reply(201, { location: url });
  }
  const length = headers['upload-length'] === undefined ? undefined : Number(headers['upload-length']);
  uploads.set(url, { bytes: Buffer.from(body), length, isPartial: concat === 'partial' });
  reply(201, { location: url, 'upload-offset': body.length });
}

function append(held: Held, { headers, body }: Seen, reply: (status: number) => void): boolean {
  const checksum = /^(\w+) (.+)$/.exec(String(headers['upload-checksum'] ?? ''));
  let status = 0;
  if (headers['content-type'] !== 'application/offset+octet-stream') status = 415;
  else if (Number(headers['upload-offset']) !== held.bytes.length) status = 409;
  else if (checksum && createHash(checksum[1]!).update(body).digest('base64') !== checksum[2]) status = 460;
  if (status > 0) reply(status);
  else held.bytes = Buffer.concat([held.bytes, body]);
  if (status === 0 && headers['upload-length'] !== undefined) held.length = Number(headers['upload-length']);
  return status === 0;
}
