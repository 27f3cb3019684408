import { describe, expect, it } from 'vitest';

import { sse } from '../../lib/codec/sse.js';
import type { SseEvent } from '../../lib/codec/sse-types.js';
import { createApi } from '../../lib/http/api.js';
import { eventStream } from '../../lib/stream/event-stream.js';
import { eventsFrom, type SseScript } from '../support/sse-server.js';
import { outcome, serving, status } from './serving.js';

const at = serving();

describe('the answer to eventStream', () => {
  it('ends the stream for good with 204', async () => {
    await at.serve((answer) => answer.end(eventsFrom(1, 2)), status(204));
    expect(await outcome(at.api)).toEqual({ data: ['1', '2'] });
    expect(at.server.requests).toHaveLength(2);
  });

  it.each([200, 201, 202, 206, 300, 304, 400, 401, 403, 404, 409, 410, 422, 501, 505])(
    'is final with status %i',
    async (code) => {
      await at.serve(status(code, code === 200 ? { 'content-type': 'text/html' } : {}));
      const { data, error } = await outcome(at.api);
      expect(data).toEqual([]);
      expect(error).toMatchObject({ kind: code < 300 ? 'protocol' : 'status', attempts: 1, retryable: false });
      expect(error?.message).toContain('GET ');
      expect(at.server.requests).toHaveLength(1);
    },
  );

  it.each([408, 425, 429, 500, 502, 503, 504])('is waited out with status %i', async (code) => {
    await at.serve(
      status(code, { 'retry-after': '0' }),
      status(code),
      (answer) => answer.end('data: a\n\n'),
      status(204),
    );
    expect(await outcome(at.api, { reconnect: { baseMs: 2, capMs: 5 } })).toEqual({ data: ['a'] });
  });

  it('is waited out by another rule, where there is one', async () => {
    await at.serve(status(404), status(204));
    const when = (error: unknown): boolean => (error as { status?: number }).status === 404;
    expect(await outcome(at.api, { reconnect: { baseMs: 2, when } })).toEqual({ data: [] });
    await at.serve(status(503));
    const error = new Error('mine');
    const thrown = (): never => {
      throw error;
    };
    expect(await outcome(at.api, { reconnect: { when: thrown } })).toEqual({ data: [], error });
  });

  it.each(['text/event-stream', 'TEXT/Event-Stream; charset=utf-8', 'text/event-stream;x=y'])(
    'opens as %s',
    async (type) => {
      await at.serve((answer) => {
        answer.head(200, { 'content-type': type });
        answer.end('data: a\n\n');
      }, status(204));
      expect(await outcome(at.api)).toEqual({ data: ['a'] });
    },
  );

  it.each(['text/html', 'text/plain', 'application/json', 'text/event-streams', 'x/y; a=text/event-stream', ''])(
    'is refused as "%s"',
    async (type) => {
      await at.serve((answer) => {
        answer.head(200, type === '' ? {} : { 'content-type': type });
        answer.send('data: a\n\n');
      });
      const { data, error } = await outcome(at.api);
      expect([data, error?.kind]).toEqual([[], 'protocol']);
      expect(error?.message).toContain(`content type ${type || '(none)'}`);
      await expect.poll(() => at.server.open()).toBe(0);
    },
  );

  it('fails with the last error when attempts are used up', async () => {
    await at.serve(status(503));
    const { error } = await outcome(at.api, { reconnect: { attempts: 3, baseMs: 1, capMs: 1 } });
    expect(error).toMatchObject({ kind: 'status', status: 503, attempts: 3, retryable: false });
    expect(at.server.requests).toHaveLength(3);
    await at.serve((answer) => answer.end('data: a\n\n'));
    const ended = await outcome(at.api, { reconnect: false });
    expect(ended.data).toEqual(['a']);
    expect(ended.error?.message).toContain('the server ended the stream');
  });

  it('gives up where Retry-After is longer than the longest wait', async () => {
    await at.serve(status(503, { 'retry-after': '120' }));
    const { error } = await outcome(at.api, { reconnect: { maxRetryAfterMs: 60_000 } });
    expect(error?.retryAt?.getTime()).toBeGreaterThan(Date.now() + 100_000);
  });
});

describe('the end of eventStream', () => {
  const cut: SseScript = (answer) => {
    answer.send(eventsFrom(1, 1));
    setTimeout(() => answer.cut(), 10);
  };

  it('is a whole body, where that is said', async () => {
    await at.serve((answer) => answer.end(eventsFrom(1, 2)));
    expect(await outcome(at.api, { end: 'complete' })).toEqual({ data: ['1', '2'] });
  });

  it('is no body that ends within an event', async () => {
    await at.serve((answer) => answer.end('data: a\n\ndata: b\n'));
    const { data, error } = await outcome(at.api, { end: 'complete' });
    expect(data).toEqual(['a']);
    expect(error).toMatchObject({ kind: 'protocol', transient: true });
    expect(error?.message).toContain('cut off: it ended within an event');
  });

  it('is an event with the data that is said, which is left out', async () => {
    await at.serve((answer) => answer.send('data: {"n":1}\n\ndata: [DONE]\n\ndata: {"n":2}\n\n'));
    const { data, error } = await outcome(at.api, { as: sse('json'), end: { terminator: '[DONE]' } });
    expect([data, error]).toEqual([[{ n: 1 }], undefined]);
    await expect.poll(() => at.server.open()).toBe(0);
  });

  it('is the event that a function accepts, and that one is emitted', async () => {
    await at.serve((answer) => answer.send('data: a\n\nevent: stop\ndata: b\n\ndata: c\n\n'));
    const { data, error } = await outcome(at.api, { end: { terminator: ({ type }: SseEvent) => type === 'stop' } });
    expect([data, error]).toEqual([['a', 'b'], undefined]);
    await expect.poll(() => at.server.open()).toBe(0);
    const thrown = new Error('mine');
    const terminator = (): never => {
      throw thrown;
    };
    expect(await outcome(at.api, { end: { terminator } })).toEqual({ data: [], error: thrown });
  });

  it('is an error where the terminator is missing', async () => {
    await at.serve((answer) => answer.end('data: a\n\n'));
    const { data, error } = await outcome(at.api, { end: { terminator: '[DONE]' } });
    expect(data).toEqual(['a']);
    expect(error?.message).toContain('cut off: it ended before its terminator');
    expect(at.server.requests).toHaveLength(1);
  });

  it('comes after a resumption, where the server gives ids', async () => {
    await at.serve(cut, (answer) => answer.end('id: 2\ndata: 2\n\ndata: [DONE]\n\n'));
    expect(await outcome(at.api, { end: { terminator: '[DONE]' } })).toEqual({ data: ['1', '2'] });
    expect(at.server.requests[1]!.headers['last-event-id']).toBe('1');
  });

  it('is an error where a stream with an end breaks and has no ids: it would begin anew', async () => {
    await at.serve((answer) => {
      answer.send('data: a\n\n');
      setTimeout(() => answer.cut(), 10);
    });
    const { data, error } = await outcome(at.api, { end: 'complete' });
    expect([data, error?.kind]).toEqual([['a'], 'network']);
    expect(at.server.requests).toHaveLength(1);
  });

  it('is tried for again while nothing was delivered', async () => {
    await at.serve(
      (answer) => answer.cut(),
      (answer) => answer.end('data: a\n\n'),
    );
    expect(await outcome(at.api, { end: 'complete' })).toEqual({ data: ['a'] });
  });
});

describe('a POST of eventStream', () => {
  const broken: SseScript = (answer) => {
    answer.send(eventsFrom(1, 1));
    setTimeout(() => answer.cut(), 10);
  };

  it('is sent once, and completes with its body', async () => {
    await at.serve((answer) => answer.end('data: a\n\n'));
    expect(await outcome(at.api, { body: {} })).toEqual({ data: ['a'] });
    await at.serve(broken);
    const { data, error } = await outcome(at.api, { body: {} });
    expect([data, error?.kind, at.server.requests.length]).toEqual([['1'], 'network', 1]);
    await at.serve(status(503));
    expect((await outcome(at.api, { method: 'POST' })).error).toMatchObject({ kind: 'status', attempts: 1 });
  });

  it('is sent again where it is said to be resumable', async () => {
    await at.serve(broken, (answer) => answer.end(eventsFrom(2, 2)), status(204));
    expect(await outcome(at.api, { body: { q: 1 }, resumable: true })).toEqual({ data: ['1', '2'] });
    expect(at.server.requests.map(({ method, body }) => `${method} ${body}`)).toEqual(Array(3).fill('POST {"q":1}'));
    expect(at.server.requests[1]!.headers['last-event-id']).toBe('1');
  });

  it('must be resumable to reconnect for ever', () => {
    expect(() => eventStream(createApi({ baseUrl: 'http://x' }), '/', { method: 'POST', end: 'reconnect' })).toThrow(
      /eventStream\.end: .*resumable: true/,
    );
  });
});
