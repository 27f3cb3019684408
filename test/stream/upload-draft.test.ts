import { firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createApi } from '../../lib/http/api.js';
import { upload } from '../../lib/stream/upload.js';
import { type ScriptedServer, startScripted } from './scripted-server.js';

const FILE = Uint8Array.from({ length: 10_000 }, (_, i) => (i * i) % 251);

let server: ScriptedServer;
let held: Buffer;
let isComplete: boolean;
let rude: (method: string) => number;

/** A server of draft-ietf-httpbis-resumable-upload-11, as far as a client without interim answers can see it. */
beforeEach(async () => {
  held = Buffer.alloc(0);
  isComplete = false;
  rude = () => 0;
  server = await startScripted(({ method, headers, body }, response) => {
    const status = rude(method);
    if (status) return void response.writeHead(status).end();
    const fields: Record<string, string> = { 'upload-draft-interop-version': '8' };
    if (method === 'POST') {
      const ok = headers['upload-complete'] === '?0' && headers['upload-draft-interop-version'] === '8';
      return void response.writeHead(ok ? 201 : 400, { ...fields, location: '/uploads/1' }).end();
    }
    if (method === 'PATCH') {
      const ok = headers['content-type'] === 'application/partial-upload';
      if (!ok || Number(headers['upload-offset']) !== held.length) return void response.writeHead(409).end();
      held = Buffer.concat([held, body]);
      isComplete = headers['upload-complete'] === '?1';
    }
    fields['upload-complete'] = isComplete ? '?1' : '?0';
    fields['upload-offset'] = String(held.length);
    response.writeHead(method === 'PATCH' && isComplete ? 200 : 204, fields).end();
  });
});
afterEach(() => server.close());

const start = (source: Uint8Array) => {
  const api = createApi({ baseUrl: server.origin });
  const reconnect = { baseMs: 1, attempts: 4 };
  return upload(api, '/uploads', source, { protocol: 'experimental-draft-11', chunkBytes: 3000, reconnect });
};
const methods = () => server.seen.map(({ method }) => method);

describe('upload, by draft 11 of the IETF', () => {
  it('creates the upload, fills it, and says which piece is the last', async () => {
    const { bytes, response } = await firstValueFrom(start(FILE));
    expect(held.equals(FILE)).toBe(true);
    expect([bytes, response.status]).toEqual([FILE.length, 200]);
    expect(methods()).toEqual(['POST', 'PATCH', 'PATCH', 'PATCH', 'PATCH']);
    expect(server.seen[0]!.headers['upload-length']).toBe('10000');
  });

  it('completes an empty upload', async () => {
    await firstValueFrom(start(new Uint8Array(0)));
    expect(isComplete).toBe(true);
  });

  it('asks for the offset after a failure, and goes on there', async () => {
    let patches = 0;
    rude = (method) => (method === 'PATCH' && ++patches === 2 ? 503 : 0);
    await firstValueFrom(start(FILE));
    expect(held.equals(FILE)).toBe(true);
    expect(methods()).toEqual(['POST', 'PATCH', 'PATCH', 'HEAD', 'PATCH', 'PATCH', 'PATCH']);
  });

  it('sees that the upload is complete when only the last answer was lost', async () => {
    let patches = 0;
    rude = (method) => {
      if (method !== 'PATCH' || ++patches < 4) return 0;
      held = Buffer.from(FILE);
      isComplete = true;
      return 503;
    };
    expect((await firstValueFrom(start(FILE))).bytes).toBe(FILE.length);
    expect(methods().at(-1)).toBe('HEAD');
  });
});
