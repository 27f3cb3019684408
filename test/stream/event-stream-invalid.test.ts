import { lastValueFrom, takeWhile, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { sse } from '../../lib/codec/sse.js';
import type { ApiError } from '../../lib/core/errors.js';
import { eventStream } from '../../lib/stream/event-stream.js';
import { eventsFrom } from '../support/sse-server.js';
import { outcome, serving, status } from './serving.js';

const at = serving();

describe('events that cannot be read', () => {
  const body = 'id: 1\ndata: 1\n\nid: 2\ndata: {\n\nid: 3\ndata: "x"\n\nid: 4\ndata: 4\n\n';
  const number = z.number();

  it('are left out, told, and make an error of the end', async () => {
    await at.serve((answer) => answer.end(body));
    const { data, error } = await outcome(at.api, { as: sse(number), end: 'complete' });
    expect(data).toEqual([1, 4]);
    expect(error?.message).toContain('2 records cannot be used, the first: record 2 is not JSON');
    const events = eventStream(at.api, '/feed', { as: sse(number) }).events();
    const until = await lastValueFrom(
      events.pipe(
        takeWhile(({ type }) => type !== 'lost'),
        toArray(),
      ),
    );
    const seen = until.map((event) => (event.type === 'invalid' ? (event.error as ApiError).kind : event.type));
    expect(seen).toEqual(['connecting', 'open', 'value', 'decode', 'schema', 'value']);
  });

  it('are passed by the cursor, so that they do not come again', async () => {
    await at.serve((answer) => answer.end('id: 1\ndata: 1\n\nid: 2\ndata: "x"\n\n'), status(204));
    const { data } = await outcome(at.api, { as: sse(number) });
    expect(data).toEqual([1]);
    expect(at.server.requests[1]!.headers['last-event-id']).toBe('2');
    await at.serve((answer) => answer.end('id: 1\ndata: 1\n\nid: 2\ndata: {\n\n'), status(204));
    await outcome(at.api, { as: sse('json') });
    expect(at.server.requests[1]!.headers['last-event-id']).toBe('2');
  });

  it('are skipped, or end the stream, where that is said', async () => {
    await at.serve((answer) => answer.end(body));
    expect(await outcome(at.api, { as: sse(number, { onInvalid: 'skip' }), end: 'complete' })).toEqual({
      data: [1, 4],
    });
    for (const [as, kind] of [[sse(number, { onInvalid: 'fail' }), 'decode']] as const) {
      const { data, error } = await outcome(at.api, { as });
      expect([data, error?.kind, error?.attempts]).toEqual([[1], kind, 1]);
    }
    await at.serve((answer) => answer.end('data: "x"\n\n'));
    expect((await outcome(at.api, { as: sse(number, { onInvalid: 'fail' }) })).error?.kind).toBe('schema');
  });

  it('end the stream when there are a hundred in a row', async () => {
    await at.serve((answer) => answer.send('data: 1\n\n'.repeat(5) + 'data: x\n\n'.repeat(200)));
    const { data, error } = await outcome(at.api, { as: sse('json') });
    expect(data).toHaveLength(5);
    expect(error?.message).toContain('100 records cannot be used');
    expect(at.server.requests).toHaveLength(1);
  });

  it('may be as many as they are, with good ones among them', async () => {
    const many = `${'data: x\n\n'.repeat(99)}data: 1\n\n`.repeat(3);
    await at.serve((answer) => answer.end(many), status(204));
    const { data, error } = await outcome(at.api, { as: sse('json') });
    expect(data).toEqual([1, 1, 1]);
    expect(error?.message).toContain('100 records cannot be used');
    expect(at.server.requests).toHaveLength(2);
  });

  it('end the stream when they are too large', async () => {
    await at.serve((answer) => answer.send(`data: a\n\ndata: ${'x'.repeat(2000)}`));
    const { data, error } = await outcome(at.api, { limits: { lineBytes: 1000 } });
    expect([data, error?.kind, at.server.requests.length]).toEqual([['a'], 'limit', 1]);
  });

  it('do not move the cursor of the next connection, when a slow schema refuses them', async () => {
    let refuse: ((valid: boolean) => void) | undefined;
    const slow = z
      .string()
      .refine((text) => (text === '2' ? new Promise<boolean>((resolve) => (refuse = resolve)) : true));
    await at.serve(
      (answer) => {
        answer.send(eventsFrom(1, 3));
        setTimeout(() => answer.cut(), 20);
      },
      (answer) => {
        refuse?.(false);
        refuse = undefined;
        answer.send(eventsFrom(Number(answer.request.headers['last-event-id']) + 1, 2));
        setTimeout(() => refuse?.(true), 20);
        setTimeout(() => answer.end(), 40);
      },
      status(204),
    );
    const stream = eventStream(at.api, '/feed', {
      as: sse(z.unknown().transform(String).pipe(slow)),
      reconnect: { baseMs: 1, capMs: 1 },
    });
    expect((await lastValueFrom(stream.pipe(toArray()))).map(({ data }) => data)).toEqual(['1', '2']);
    expect(at.server.requests[2]!.headers['last-event-id']).toBe('2');
  });
});
