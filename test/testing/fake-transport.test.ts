import { describe, expect, it } from 'vitest';

import { ConfigError, NetworkError } from '../../lib/core/errors.js';
import { DEFAULT_LIMITS } from '../../lib/core/wire.js';
import { fakeTransport } from '../../lib/testing/fake-transport.js';
import type { TransportHandle, TransportRequest, TransportSink } from '../../lib/transport/contract.js';
import { marble } from '../support/marble.js';

function asking(method: string, url: string): TransportRequest {
  const { origin, pathname, search } = new URL(url);
  return {
    ...{ method, url, origin, path: pathname + search, headers: [], body: undefined, bodyBytes: undefined },
    ...{ stream: false, uploadProgress: false, redirect: 'manual', limits: DEFAULT_LIMITS },
    ...{ cookies: undefined, cache: undefined, keepalive: undefined },
  };
}

const GET = asking('GET', 'https://api.test/cities?page=2');
const text = new TextDecoder();
const turn = () => new Promise<void>((resolve) => queueMicrotask(resolve));

/** A sink that notes what it is told. */
function recorder(): { log: string[]; sink: TransportSink } {
  const log: string[] = [];
  return {
    log,
    sink: {
      assigned: () => log.push('assigned'),
      sent: () => log.push('sent'),
      uploaded: (loaded, total) => log.push(`uploaded ${loaded} of ${total}`),
      head: ({ status, headers }) =>
        log.push(`head ${status} ${[...headers].map((field) => field.join(': ')).join('; ')}`),
      chunk: (bytes) => log.push(`chunk ${text.decode(bytes)}`),
      end: (trailers) => log.push(trailers ? `end ${[...trailers].join()}` : 'end'),
      fail: (error) => log.push(`fail ${error.message}`),
    },
  };
}

function opened(prepare: (fake: ReturnType<typeof fakeTransport>) => void = () => undefined) {
  const fake = fakeTransport();
  prepare(fake);
  const { log, sink } = recorder();
  const handle: TransportHandle = fake.open(GET, sink);
  return { fake, log, handle };
}

describe('fakeTransport', () => {
  it('brings a prepared answer, but nothing before open has returned', async () => {
    const { log } = opened((fake) => fake.expect().answer(200, { name: 'Oslo' }, { etag: '"1"' }));
    expect(log).toEqual([]);
    await turn();
    expect(log).toEqual([
      'sent',
      'head 200 content-type: application/json; content-length: 15; etag: "1"',
      'chunk {"name":"Oslo"}',
      'end',
    ]);
  });

  it.each<[what: string, body: unknown, expected: string[]]>([
    ['no body', undefined, ['head 200 ']],
    ['a string as it is', 'Oslo', ['head 200 content-type: text/plain;charset=utf-8; content-length: 4', 'chunk Oslo']],
    [
      'bytes as they are',
      new TextEncoder().encode('Oslo'),
      ['head 200 content-type: text/plain;charset=utf-8; content-length: 4', 'chunk Oslo'],
    ],
    ['JSON for null', null, ['head 200 content-type: application/json; content-length: 4', 'chunk null']],
    ['an empty string', '', ['head 200 content-type: text/plain;charset=utf-8; content-length: 0']],
  ])('answers with %s', async (_, body, expected) => {
    const { log } = opened((fake) => fake.expect().answer(200, body));
    await turn();
    expect(log).toEqual(['sent', ...expected, 'end']);
  });

  it('can be answered later, bit by bit, at once', async () => {
    const { fake, log } = opened();
    await turn();
    fake.last.uploaded(5, 10).head(200, { 'set-cookie': ['a=1', 'b=2'] });
    expect(log).toEqual(['sent', 'uploaded 5 of 10', 'head 200 set-cookie: a=1; set-cookie: b=2']);
    fake.last
      .chunk('a')
      .chunk(new Uint8Array([98]))
      .end({ checksum: 'x' });
    expect(log.slice(3)).toEqual(['chunk a', 'chunk b', 'end checksum,x']);
    fake.verify();
  });

  it('can fail before the head and in the middle of the body', async () => {
    const lost = new NetworkError('lost', 'receive');
    const early = opened((fake) => fake.expect().fail(lost));
    const late = opened((fake) => fake.expect().head(200).chunk('a').fail(lost));
    await turn();
    expect([early.log, late.log]).toEqual([
      ['sent', 'fail lost'],
      ['sent', 'head 200 ', 'chunk a', 'fail lost'],
    ]);
  });

  it('holds chunks and the end back while the client pauses, and notes it', async () => {
    const { fake, log, handle } = opened((one) => one.expect().answer(200, 'Oslo'));
    handle.pause();
    handle.pause();
    await turn();
    expect([log.length, fake.last.paused, fake.last.pauses]).toEqual([2, true, 1]);
    handle.resume();
    expect(log).toHaveLength(2);
    await turn();
    expect(log.slice(2)).toEqual(['chunk Oslo', 'end']);
  });

  it('stops between chunks when the client pauses within one', async () => {
    const fake = fakeTransport();
    const { log, sink } = recorder();
    const handle = fake.open(GET, { ...sink, chunk: (bytes) => (sink.chunk(bytes), handle.pause()) });
    fake.last.head(200).chunk('a').chunk('b').end();
    await turn();
    expect(log.slice(2)).toEqual(['chunk a']);
    handle.resume();
    await turn();
    expect(log.slice(2)).toEqual(['chunk a', 'chunk b']);
  });

  it('says nothing after abort, and notes that and why the client left', async () => {
    const { fake, log, handle } = opened((one) => one.expect().answer(200, 'Oslo'));
    handle.abort('enough');
    handle.abort('again');
    await turn();
    fake.verify();
    expect([log, fake.last.aborted, fake.last.reason]).toEqual([[], true, 'enough']);
  });

  it('does not call it leaving when the answer is complete', async () => {
    const { fake, handle } = opened((one) => one.expect().answer(204));
    await turn();
    handle.abort();
    expect(fake.last.aborted).toBe(false);
  });

  it('shows what was asked, in order', () => {
    const fake = fakeTransport();
    fake.open(GET, recorder().sink);
    fake.open(asking('POST', 'https://api.test/cities'), recorder().sink);
    expect(fake.requests.map(({ request }) => request?.method)).toEqual(['GET', 'POST']);
    expect(fake.last.request?.path).toBe('/cities');
    expect(() => fakeTransport().last).toThrow('no request has come yet');
  });

  it.each([
    {},
    { method: 'get' },
    { path: '/cities' },
    { path: '/cities?page=2' },
    { url: GET.url },
    { method: 'GET', path: '/cities' },
  ])('takes a request that matches %j, once', (match) => {
    const fake = fakeTransport();
    const exchange = fake.expect(match);
    fake.open(GET, recorder().sink);
    expect(exchange.request).toBe(GET);
    expect(() => fake.open(GET, recorder().sink)).toThrow(
      /GET https:\/\/api.test\/cities\?page=2 was not expected; all/,
    );
  });

  it.each([{ method: 'POST' }, { path: '/city' }, { path: '/cities?page=3' }, { url: 'https://api.test/cities' }])(
    'refuses a request that does not match %j, and says what it is and what was expected',
    (match) => {
      const fake = fakeTransport();
      fake.expect(match);
      const open = () => fake.open(GET, recorder().sink);
      expect(open).toThrow(ConfigError);
      expect(open).toThrow(`expected: ${match.method ?? 'any method'} ${match.url ?? match.path ?? 'any URL'}`);
    },
  );

  it('verifies that what was expected came, and that what came was answered', async () => {
    const fake = fakeTransport();
    fake.expect({ method: 'GET' });
    fake.expect({ method: 'post', path: '/cities' });
    fake.open(GET, recorder().sink);
    expect(() => fake.verify()).toThrow(`left open: GET ${GET.url}; never asked for: POST /cities`);
    fake.last.stall();
    fake.open(asking('POST', 'https://api.test/cities'), recorder().sink);
    fake.last.answer(201);
    expect(() => fake.verify()).not.toThrow();
  });

  it('refuses an answer after the answer, and a body without a head', () => {
    const { fake } = opened();
    expect(() => fake.last.chunk('a')).toThrow('call head(status) before chunk');
    expect(() => fake.last.end()).toThrow('call head(status) before end');
    fake.last.answer(200);
    expect(() => fake.last.answer(200)).toThrow('has its head already');
    expect(() => fake.last.fail(new NetworkError('late', 'send'))).toThrow('is answered already');
  });

  it('says what it can do: everything, but for what a test takes away', () => {
    expect(fakeTransport().capabilities).toMatchObject({ pause: true, redirects: 'manual', decodesBody: false });
    const poor = fakeTransport({ capabilities: { pause: false, redirects: 'platform' } });
    expect(poor.capabilities).toMatchObject({ pause: false, redirects: 'platform', trailers: true });
  });

  marble('brings prepared answers by the clock where it has one', (t) => {
    const fake = fakeTransport({ clock: t.clock });
    const { log, sink } = recorder();
    const exchange = fake.expect().head(200);
    fake.open(GET, sink);
    t.clock.after(5, () => exchange.chunk('a').end());
    t.clock.after(4, () => log.push('4 ms'));
    t.flush();
    expect(log).toEqual(['sent', 'head 200 ', '4 ms', 'chunk a', 'end']);
  });
});
