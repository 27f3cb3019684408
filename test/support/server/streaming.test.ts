import { connect, type Socket } from 'node:net';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ask, get, talk } from './raw-client.js';
import { startServer } from './start.js';
import type { Server } from './types.js';

let server: Server;
beforeAll(async () => void (server = await startServer()));
afterAll(() => server.close());

const call = (path: string, options = {}) => ask(server.url(path), options);

describe('streams', () => {
  it('send rows of a size, at a pace, ended as asked', async () => {
    const rows = (await call('/ndjson?rows=3&size=50')).text.trimEnd().split('\n');
    expect(rows.map((row) => [row.length, (JSON.parse(row) as { row: number }).row])).toEqual([
      [49, 1],
      [49, 2],
      [49, 3],
    ]);
    expect((await call('/ndjson?rows=2&newline=crlf&last=open')).text).toBe('{"row":1}\r\n{"row":2}');
    const from = performance.now();
    await call('/ndjson?rows=3&interval=10');
    expect(performance.now() - from).toBeGreaterThan(18);
    expect((await call('/ndjson', { method: 'HEAD' })).text).toBe('');
  });

  it('go on for ever, until the client leaves', async () => {
    const answer = await call('/ndjson?rows=endless&interval=1&id=endless', { abortAt: '{"row":2}' });
    expect(answer.text).toContain('{"row":2}');
    expect(await server.closed('endless')).toMatchObject({ state: 'aborted' });
  });

  it('drip, split characters and send the chunks they are given', async () => {
    expect((await call('/drip?bytes=5&char=a')).text).toBe('aaaaa');
    const { bytes } = await talk(server.port, get('/split?text=%E2%82%AC'), { until: '0\r\n\r\n' });
    expect(bytes).toContain('1\r\n\xe2\r\n1\r\n\x82\r\n1\r\n\xac\r\n');
    const chunks = await talk(server.port, get('/chunks?chunk=ab&chunk=c'), { until: '0\r\n\r\n' });
    expect(chunks.bytes).toContain('2\r\nab\r\n1\r\nc\r\n');
  });

  it('carry trailers', async () => {
    expect((await call('/ndjson?rows=1&trailer=x-rows:1')).trailers).toEqual([['x-rows', '1']]);
  });

  it.each([
    ['reset', 'ECONNRESET'],
    ['fin', 'INCOMPLETE'],
  ])('end by %s', async (ending, error) => {
    const answer = await call(`/ndjson?rows=2&then=${ending}&id=by-${ending}`);
    expect(answer).toMatchObject({ status: 200, text: '{"row":1}\n{"row":2}\n', error });
    expect(server.requests().find(({ id }) => id === `by-${ending}`)?.state).toBe('broken');
  });

  it('stall', async () => {
    const answer = await call('/drip?bytes=2&then=stall', { abortAt: 'xx' });
    expect(answer).toMatchObject({ text: 'xx', error: 'INCOMPLETE' });
  });
});

describe('a client that does not read', () => {
  const paused = (path: string) =>
    new Promise<Socket>((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => socket.write(get(path)));
      socket.once('data', () => resolve(socket.pause()));
    });

  it('holds the server back, and the books show it', async () => {
    const socket = await paused('/ndjson?rows=endless&size=60000&id=held');
    const before = await server.waitFor(({ id, heldNowMs }) => id === 'held' && heldNowMs > 100);
    await new Promise((resolve) => setTimeout(resolve, 30));
    const after = server.requests().find(({ id }) => id === 'held');
    expect(after?.wrote).toBe(before.wrote);
    expect(after?.heldNowMs).toBeGreaterThan(before.heldNowMs);
    expect(before.flushed).toBeLessThan(64 * 1024 * 1024);
    socket.resume();
    await server.waitFor(({ id, wrote }) => id === 'held' && wrote > (after?.wrote ?? 0) + 10_000_000);
    socket.destroy();
    expect(await server.closed('held')).toMatchObject({ state: 'aborted', heldNowMs: 0 });
  });
});
