import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { connect } from 'node:net';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ask, jsonOf, talk } from './raw-client.js';
import { startServer } from './start.js';
import type { Server } from './types.js';

let server: Server;
beforeAll(async () => void (server = await startServer()));
afterAll(() => server.close());

const post = (path: string, body: string | Uint8Array, headers = {}) =>
  ask(server.url(path), { method: 'POST', body, headers });
const sha256 = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const head = (path: string, more = '') => `POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n${more}\r\n`;

describe('uploads', () => {
  it('are counted and hashed', async () => {
    const body = Buffer.alloc(3_000_000, 'millrace');
    const told = jsonOf(await post('/upload?id=up', body));
    expect(told).toMatchObject({ bytes: 3_000_000, sha256: sha256(body) });
    const seen = server.requests().find(({ id }) => id === 'up');
    expect(seen?.body).toMatchObject({ bytes: 3_000_000, complete: true });
    expect(seen?.body.text).toHaveLength(65_536);
    expect(jsonOf(await post('/upload', ''))).toMatchObject({ bytes: 0 });
  });

  it('are read slowly', async () => {
    const told = jsonOf<{ tookMs: number }>(await post('/upload/slow?rate=1000000', Buffer.alloc(50_000)));
    expect(told.tookMs).toBeGreaterThan(40);
  });

  it('are not read for a while', async () => {
    const outgoing = request(server.url('/upload/stall?after=1&ms=250&id=stall'), { method: 'POST' });
    outgoing.write(Buffer.alloc(20_000_000));
    await server.waitFor(({ id, body }) => id === 'stall' && body.bytes > 0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const seen = server.requests().find(({ id }) => id === 'stall');
    expect(seen?.body.bytes).toBeLessThan(1_000_000);
    const done = new Promise((resolve) => outgoing.once('response', (answer) => answer.resume().once('end', resolve)));
    outgoing.end();
    await done;
    expect((await server.waitFor(({ id, state }) => id === 'stall' && state === 'finished')).body.bytes).toBe(
      20_000_000,
    );
  });

  it('are refused before they are read', async () => {
    const { bytes, ended } = await talk(server.port, head('/upload/reject'));
    expect(bytes).toMatch(/^HTTP\/1.1 413 [^]*connection: close/i);
    expect(ended).toBe('fin');
    const kept = await talk(server.port, head('/upload/reject?keep=1&status=400'), { until: 'rejected' });
    expect(kept.bytes).toMatch(/^HTTP\/1.1 400 [^]*connection: keep-alive/i);
  });

  it('are broken off after n bytes', async () => {
    for (const how of ['reset', 'fin'] as const) {
      expect((await talk(server.port, `${head(`/upload/reset?after=2&how=${how}`)}ab`)).ended).toBe(how);
    }
  });

  it('that end too soon are seen', async () => {
    const socket = connect(server.port, '127.0.0.1', () => socket.write(`${head('/upload?id=early')}ab`));
    await server.waitFor(({ id, body }) => id === 'early' && body.bytes === 2);
    socket.destroy();
    expect((await server.closed('early')).body).toMatchObject({ bytes: 2, complete: false });
  });
});

describe('Expect: 100-continue', () => {
  const expects = 'expect: 100-continue\r\n';

  it.each([
    ['/upload/expect', /^HTTP\/1.1 100 Information\r\n\r\n$/],
    ['/upload', /^HTTP\/1.1 100 Information\r\n\r\n$/],
    ['/echo', /^HTTP\/1.1 100 Information\r\n\r\n$/],
    ['/upload/expect?answer=417', /^HTTP\/1.1 417/],
    ['/upload/expect?answer=413', /^HTTP\/1.1 413/],
    ['/upload/expect?answer=silent', /^$/],
  ])('%s answers as told', async (path, text) => {
    const stops = path.endsWith('silent') ? { patienceMs: 100 } : { until: '\r\n\r\n' };
    expect((await talk(server.port, head(path, expects), stops)).bytes).toMatch(text);
  });

  it('goes on after 100', async () => {
    const { bytes } = await talk(server.port, `${head('/upload/expect?delay=5', expects)}body`, {
      until: sha256('body'),
    });
    expect(bytes).toMatch(/^HTTP\/1.1 100 [^]*HTTP\/1.1 200/);
  });
});

describe('multipart', () => {
  it('is taken apart', async () => {
    const form = new FormData();
    form.append('plain', 'text €');
    form.append('file', new Blob([Uint8Array.of(13, 10, 45, 45, 0)], { type: 'image/x' }), 'naïve "q".bin');
    const encoded = new Response(form);
    const type = encoded.headers.get('content-type') ?? '';
    const told = await post('/upload/multipart', new Uint8Array(await encoded.arrayBuffer()), { 'content-type': type });
    expect(jsonOf(told)).toMatchObject({
      parts: [
        { name: 'plain', size: 8, text: 'text €' },
        { name: 'file', filename: 'naïve %22q%22.bin', type: 'image/x', size: 5, sha256: sha256('\r\n--\0') },
      ],
    });
  });

  it.each(['--b\r\n', '--b\r\ncontent-disposition: form-data; name="a"\r\n\r\nopen', 'nothing'])(
    'refuses %o',
    async (body) => {
      const type = { 'content-type': 'multipart/form-data; boundary=b' };
      expect((await post('/upload/multipart', body, type)).status).toBe(400);
    },
  );
});
