import { firstValueFrom, lastValueFrom, of, take, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { createApi } from '../../lib/http/api.js';
import { bearer } from '../../lib/http/auth.js';
import { eventStream } from '../../lib/stream/event-stream.js';
import type { EventStreamOptions } from '../../lib/stream/event-stream-options.js';
import { eventsFrom } from '../support/sse-server.js';
import { quick, serving } from './serving.js';

const at = serving();

/** The data of so many events. */
async function read(count: number, options: EventStreamOptions = {}, path = '/feed'): Promise<string[]> {
  const stream = eventStream(at.api, path, { reconnect: quick, ...options });
  const events = await lastValueFrom(stream.pipe(take(count), toArray()), { defaultValue: [] });
  return events.map(({ data }) => data);
}

describe('the request of eventStream', () => {
  it('is a GET that accepts events and no cached ones', async () => {
    await at.serve((answer) => answer.send('data: a\n\n'));
    expect(await read(1)).toEqual(['a']);
    expect(at.server.requests[0]).toMatchObject({
      method: 'GET',
      url: '/feed',
      headers: { accept: 'text/event-stream', 'cache-control': 'no-cache' },
    });
    expect(at.server.requests[0]!.headers).not.toHaveProperty('last-event-id');
  });

  it('has any method, body and fields', async () => {
    await at.serve((answer) => answer.end('data: a\n\n'));
    const options = { body: { q: 1 }, headers: { 'x-a': '1', 'cache-control': 'max-age=1' }, query: { n: 2 } };
    expect(await read(9, options)).toEqual(['a']);
    expect(at.server.requests[0]).toMatchObject({
      method: 'POST',
      url: '/feed?n=2',
      body: '{"q":1}',
      headers: { 'x-a': '1', 'cache-control': 'max-age=1' },
    });
    expect(await read(1, { method: 'REPORT', end: 'complete' })).toEqual(['a']);
    expect(at.server.requests[1]!.method).toBe('REPORT');
  });

  it('is made anew for each connection: path, query, fields and credentials', async () => {
    await at.serve((answer) => answer.end(`id: ${at.server.requests.length}\ndata: x\n\n`));
    let tokens = 0;
    at.api = createApi({ baseUrl: at.server.origin, auth: [bearer(() => of(`t${++tokens}`))] });
    const options: EventStreamOptions = {
      reconnect: quick,
      query: async ({ lastEventId }) => ({ after: lastEventId }),
      headers: ({ attempt }) => ({ 'x-attempt': attempt }),
    };
    const stream = eventStream(at.api, ({ attempt }) => `/feed/${attempt}`, options);
    await lastValueFrom(stream.pipe(take(3)));
    expect(at.server.requests.map(({ url }) => url)).toEqual(['/feed/1?after=', '/feed/2?after=1', '/feed/3?after=2']);
    expect(at.server.requests.map(({ headers }) => headers['x-attempt'])).toEqual(['1', '2', '3']);
    expect(at.server.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer t1',
      'Bearer t1',
      'Bearer t1',
    ]);
  });

  it('passes on what a function of the caller throws or rejects with', async () => {
    await at.serve((answer) => answer.end());
    const error = new Error('no ticket');
    const failing = [
      (): never => {
        throw error;
      },
      () => Promise.reject(error),
    ];
    for (const query of failing) {
      await expect(read(1, { query })).rejects.toBe(error);
    }
    expect(at.server.requests).toHaveLength(0);
  });

  it('keeps its idempotency key over all connections', async () => {
    await at.serve((answer) => answer.end(`id: ${at.server.requests.length}\ndata: x\n\n`));
    await read(3, { method: 'POST', idempotencyKey: true, end: 'reconnect' });
    const keys = at.server.requests.map(({ headers }) => headers['idempotency-key']);
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('Last-Event-ID', () => {
  it('is the id of the last event, and a block without data counts', async () => {
    await at.serve(
      (answer) => answer.end('id: 1\ndata: a\n\ndata: b\n\nid: 2\n\nid: 3\ndata: cut off'),
      (answer) => answer.end('data: c\n\n'),
    );
    expect(await read(3)).toEqual(['a', 'b', 'c']);
    expect(at.server.requests[1]!.headers['last-event-id']).toBe('2');
  });

  it('is sent as UTF-8 bytes', async () => {
    await at.serve((answer) => answer.end('id: \u2026\u{1f600}\ndata: a\n\n'));
    await read(2);
    const sent = at.server.requests[1]!.headers['last-event-id'] as string;
    expect(Buffer.from(sent, 'latin1').toString()).toBe('\u2026\u{1f600}');
  });

  it('is left out when it is empty, reset, or has a character that no field can carry', async () => {
    await at.serve(
      (answer) => answer.end('id: 1\ndata: a\n\nid\ndata: b\n\n'),
      (answer) => answer.end('id: x\u0001\ndata: c\n\n'),
      (answer) => answer.end('data: d\n\n'),
    );
    expect(await read(4)).toEqual(['a', 'b', 'c', 'd']);
    for (const { headers } of at.server.requests) expect(headers).not.toHaveProperty('last-event-id');
  });

  it('stays with events of the next connection that have no id', async () => {
    await at.serve(
      (answer) => answer.end('id: 7\ndata: a\n\n'),
      (answer) => answer.end('data: b\n\n'),
    );
    const stream = eventStream(at.api, '/feed', { reconnect: quick });
    const last = await lastValueFrom(stream.pipe(take(2)));
    expect(last).toEqual({ type: 'message', data: 'b', lastEventId: '7' });
  });

  it('may be given', async () => {
    await at.serve((answer) => answer.send(eventsFrom(42, 42)));
    expect(await read(1, { lastEventId: '41' })).toEqual(['42']);
    expect(at.server.requests[0]!.headers['last-event-id']).toBe('41');
  });

  it('is that of the last event that was delivered, not of the last that arrived', async () => {
    await at.serve(
      (answer) => {
        answer.send(eventsFrom(1, 50));
        setTimeout(() => answer.cut(), 30);
      },
      (answer) => answer.send(eventsFrom(Number(answer.request.headers['last-event-id']) + 1, 60)),
    );
    const seen: string[] = [];
    for await (const { data } of eventStream(at.api, '/feed', { reconnect: quick })) {
      seen.push(data);
      if (seen.length === 2) await new Promise((resolve) => setTimeout(resolve, 80));
      if (seen.length === 60) break;
    }
    expect(seen).toEqual(Array.from({ length: 60 }, (_, i) => String(i + 1)));
    expect(Number(at.server.requests[1]!.headers['last-event-id'])).toBeLessThan(50);
  });
});

describe('redirects of eventStream', () => {
  it('are followed, and the first URL is used again for the next connection', async () => {
    await at.serve(
      (answer) => answer.head(302, { location: '/other' }),
      (answer) => answer.end('data: a\n\n'),
      (answer) => answer.end('data: b\n\n'),
    );
    const stream = eventStream(at.api, '/feed', { reconnect: quick });
    await lastValueFrom(stream.pipe(take(2)));
    expect(at.server.requests.map(({ url }) => url)).toEqual(['/feed', '/other', '/feed']);
  });
});

describe('layers around eventStream', () => {
  it('see every connection, and may answer by themselves', async () => {
    await at.serve((answer) => answer.end('data: a\n\n'));
    let calls = 0;
    const own = at.api.extend({
      layers: [
        (request, next) => {
          calls++;
          const event = { type: 'message', data: 'own', lastEventId: '' };
          return calls === 2 ? of({ type: 'value', attempt: 1, value: event }) : next(request);
        },
      ],
    });
    const stream = eventStream(own, '/feed', { reconnect: quick });
    const events = await lastValueFrom(stream.pipe(take(3), toArray()));
    expect(events.map(({ data }) => data)).toEqual(['a', 'own', 'a']);
    expect(await firstValueFrom(stream)).toMatchObject({ data: 'a' });
  });
});
