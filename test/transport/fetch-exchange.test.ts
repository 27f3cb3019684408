import { describe, expect, it } from 'vitest';

import { answered, openScripted, turn } from './scripted-fetch.js';

describe('what fetch is given', () => {
  const initOf = async (...given: Parameters<typeof openScripted>) => {
    const { fetch } = openScripted(...given);
    // What converts a stream is loaded when it is needed, which takes its time.
    await expect.poll(() => fetch.inits.length).toBe(1);
    return fetch.inits[0]!;
  };

  it('is method, headers and signal where nothing else is set', async () => {
    const init = await initOf({ headers: ['accept', 'a/b', 'accept', 'c/d'] });

    expect(init).toEqual({
      method: 'GET',
      headers: [
        ['accept', 'a/b'],
        ['accept', 'c/d'],
      ],
      signal: expect.any(AbortSignal),
    });
  });

  it('is each member that is set, under the name that fetch has for it', async () => {
    const init = await initOf({ method: 'POST', body: 'text', cookies: 'omit', cache: 'no-store', keepalive: false });

    expect(init).toMatchObject({ body: 'text', credentials: 'omit', cache: 'no-store', keepalive: false });
    expect(init).not.toHaveProperty('duplex');
  });

  it.each([
    ['where the platform shows redirects, always', false, ['manual', 'manual', 'manual']],
    ['where it hides them, unless they may be followed', true, [undefined, 'manual', 'manual']],
  ])('says manual %s', async (_, hidden, modes) => {
    const inits = ['follow', 'manual', 'error'].map((redirect) => initOf({ redirect: redirect as 'follow' }, hidden));

    expect((await Promise.all(inits)).map(({ redirect }) => redirect)).toEqual(modes);
  });

  it('is half duplex for a stream', async () => {
    const init = await initOf({ method: 'POST', body: new ReadableStream<Uint8Array>() });

    expect(init).toMatchObject({ duplex: 'half', body: expect.any(ReadableStream) });
  });

  it('is nothing where the exchange is aborted at once', async () => {
    const { fetch, handle, sink } = openScripted();
    handle.abort();
    await turn();

    expect(fetch.inits).toEqual([]);
    expect(sink.events).toEqual([]);
  });
});

describe('reading the body', () => {
  it('asks for one piece at a time', async () => {
    const { fetch, sink } = await answered();
    const before = fetch.asked;
    await fetch.chunk('one');
    const after = fetch.asked;
    await fetch.chunk('two');
    await fetch.end();

    expect([before, after, fetch.asked]).toEqual([1, 2, 3]);
    expect(sink.text).toBe('onetwo');
    expect(sink.events.at(-1)).toBe('end');
  });

  it('asks for nothing while paused, from before the head on', async () => {
    const { fetch, handle, sink } = openScripted();
    handle.pause();
    await turn();
    await fetch.head();
    const paused = fetch.asked;
    handle.resume();

    expect(paused).toBe(0);
    expect(fetch.asked).toBe(1);
    expect(sink.events).toEqual(['sent', 'head']);
  });

  it('keeps what comes during a pause, and asks for no more', async () => {
    const { fetch, handle, sink } = await answered();
    handle.pause();
    await fetch.chunk('late');
    const during = [...sink.events];
    handle.resume();

    expect(during).toEqual(['sent', 'head']);
    expect(sink.text).toBe('late');
    expect(fetch.asked).toBe(2);
  });

  it('keeps the end that comes during a pause', async () => {
    const { fetch, handle, sink } = await answered();
    handle.pause();
    await fetch.end();
    const during = sink.over;
    handle.resume();

    expect(during).toBe(false);
    expect(sink.events.at(-1)).toBe('end');
  });

  it('tells of a failure at once, paused or not', async () => {
    const { fetch, handle, sink } = await answered();
    handle.pause();
    await fetch.fail(new TypeError('terminated'));

    expect(sink.error).toMatchObject({ kind: 'network', phase: 'receive' });
  });

  it('asks once when pause and resume come inside a piece', async () => {
    const { fetch, handle, sink } = await answered();
    sink.chunk = () => {
      handle.pause();
      handle.resume();
    };
    await fetch.chunk('one');

    expect(fetch.asked).toBe(2);
  });

  it('leaves empty pieces out', async () => {
    const { fetch, sink } = await answered();
    await fetch.chunk('');
    await fetch.end();

    expect(sink.events).toEqual(['sent', 'head', 'end']);
  });

  it('takes a body whole where it cannot be streamed', async () => {
    const arrayBuffer = () => Promise.resolve(new TextEncoder().encode('all').buffer);
    const { sink } = await answered({ body: undefined as never, arrayBuffer });

    expect(sink.events).toEqual(['sent', 'head', 'chunk', 'end']);
    expect(sink.text).toBe('all');
  });

  it('ends at once where there is no body', async () => {
    const { sink } = await answered({ body: null, arrayBuffer: () => Promise.resolve(new ArrayBuffer(0)) });

    expect(sink.events).toEqual(['sent', 'head', 'end']);
  });
});

describe('a body that ends early', () => {
  const sized = { type: 'basic', headers: new Headers({ 'content-length': '5' }) };

  it('fails where its length is known', async () => {
    const { fetch, sink } = await answered(sized);
    await fetch.chunk('four');
    await fetch.end();

    expect(sink.error).toMatchObject({
      kind: 'network',
      phase: 'receive',
      message: expect.stringContaining('1 bytes'),
    });
  });

  it.each([
    ['it is whole', sized, 'GET', '5 ok.'],
    [
      'it came compressed',
      { ...sized, headers: new Headers({ 'content-length': '5', 'content-encoding': 'br' }) },
      'GET',
      'a',
    ],
    ['it may have come compressed', { ...sized, type: 'cors' }, 'GET', 'a'],
    ['there is none', { ...sized, status: 304 }, 'GET', ''],
    ['there is none', sized, 'HEAD', ''],
  ])('ends well where %s', async (_, over, method, text) => {
    const { fetch, sink } = await answered(over, { method });
    await fetch.chunk(text);
    await fetch.end();

    expect(sink.events.at(-1)).toBe('end');
  });
});

describe('aborting', () => {
  it('aborts the signal with the reason, and the sink hears no more', async () => {
    const { fetch, handle, sink } = await answered();
    const reason = new Error('enough');
    handle.abort(reason);
    handle.abort(new Error('again'));
    await fetch.fail(reason);

    expect(fetch.signal.reason).toBe(reason);
    expect(sink.events).toEqual(['sent', 'head']);
  });

  it('follows the end of an answer that comes before its request was sent', async () => {
    const streamed = await answered({}, { method: 'POST', body: new ReadableStream<Uint8Array>() });
    const plain = await answered({}, { method: 'POST', body: 'text' });
    await Promise.all([streamed.fetch.end(), plain.fetch.end()]);

    expect([streamed.sink.events.at(-1), plain.sink.events.at(-1)]).toEqual(['end', 'end']);
    expect([streamed.fetch.signal.aborted, plain.fetch.signal.aborted]).toEqual([true, false]);
  });

  it('drops an answer that comes after all', async () => {
    const { fetch, handle, sink } = openScripted();
    await turn();
    handle.abort();
    await fetch.head();

    expect(sink.events).toEqual(['sent']);
    expect(fetch.asked).toBe(0);
  });
});

describe('redirects of the platform', () => {
  it('are refused where they are hidden', async () => {
    const { fetch, sink } = await answered({ type: 'opaqueredirect', status: 0 }, { redirect: 'error' });

    expect(sink.error).toMatchObject({ kind: 'redirect', message: expect.stringContaining('does not tell') });
    expect(fetch.signal.aborted).toBe(true);
  });

  it('are refused where they were followed against the request', async () => {
    const { sink } = await answered({ redirected: true, url: 'http://other.test/' }, { redirect: 'manual' });

    expect(sink.error).toMatchObject({ kind: 'redirect', message: expect.stringContaining('http://other.test/') });
  });

  it('are seen by the URL where the answer does not tell', async () => {
    const { sink } = await answered({ url: 'http://other.test/' }, { redirect: 'error' });

    expect(sink.error).toMatchObject({ kind: 'redirect' });
  });

  it('show their final URL where they may be followed', async () => {
    const { sink } = await answered({ redirected: true, url: 'http://other.test/' });

    expect(sink.answer).toMatchObject({ redirected: true, url: 'http://other.test/' });
  });

  it('leave url out of a head that was not redirected', async () => {
    const { sink } = await answered({ redirected: false, url: 'http://api.test/path' });

    expect(sink.answer).not.toHaveProperty('url');
    expect(sink.answer).not.toHaveProperty('redirected');
  });
});

describe('header fields', () => {
  it('have getSetCookie where the platform lacks it', async () => {
    const bare = { get: (name: string) => (name === 'set-cookie' ? 'a=1' : null), has: () => true };
    const none = { get: () => null, has: () => false };
    const answers = await Promise.all([bare, none].map((headers) => answered({ headers })));

    expect(answers.map(({ sink }) => sink.answer?.headers.getSetCookie())).toEqual([['a=1'], []]);
  });
});
