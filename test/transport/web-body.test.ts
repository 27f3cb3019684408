import { Readable } from 'node:stream';

import { describe, expect, it, vi } from 'vitest';

import { webBody } from '../../lib/transport/web-body.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const never = new AbortController().signal;
const ignored = () => {};

describe('a body for fetch', () => {
  it.each([
    ['text', 'text'],
    ['bytes', bytes('bytes')],
    ['a blob of the platform', new Blob(['blob'])],
    ['a form of the platform', new FormData()],
  ])('stays what it is: %s', (_, body) => {
    expect(webBody(body, never, ignored)).toBe(body);
  });

  it.each([
    [
      'an iterable',
      () =>
        (async function* () {
          yield bytes('a');
          yield bytes('b');
        })(),
    ],
    ['a Node stream', () => Readable.from([bytes('a'), bytes('b')])],
    ['a web stream', () => ReadableStream.from([bytes('a'), bytes('b')])],
  ])('is a web stream where it is a stream: %s', async (_, make) => {
    const stream = webBody(make(), never, ignored) as ReadableStream<Uint8Array>;

    await expect(new Response(stream).text()).resolves.toBe('ab');
  });

  it('asks a stream for a piece when one is wanted, not before', async () => {
    const next = vi.fn<() => Promise<IteratorResult<Uint8Array>>>(() =>
      Promise.resolve({ done: false, value: bytes('a') }),
    );
    const reader = (
      webBody({ [Symbol.asyncIterator]: () => ({ next }) }, never, ignored) as ReadableStream
    ).getReader();
    const before = next.mock.calls.length;
    await reader.read();

    expect([before, next.mock.calls.length]).toEqual([0, 1]);
  });

  it('is let go when its request is aborted, even while a read is pending', async () => {
    const cancel = vi.fn<() => void>();
    const node = new Readable({ read: () => {} });
    const web = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}), cancel });
    const aborting = new AbortController();
    for (const body of [node, web]) void (webBody(body, aborting.signal, ignored) as ReadableStream).getReader().read();
    aborting.abort();
    await Promise.resolve();

    expect(node.destroyed).toBe(true);
    expect(cancel).toHaveBeenCalledOnce();
  });

  it('hands its error over and stays open, since some platforms end a request well whose stream errs', async () => {
    const failed = vi.fn<(error: unknown) => void>();
    const cause = new Error('the disk is gone');
    const body = { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(cause) }) };
    const read = (webBody(body, never, failed) as ReadableStream).getReader().read();
    const settled = await Promise.race([
      read.then(
        () => 'settled',
        () => 'settled',
      ),
      new Promise((go) => setTimeout(go, 20, 'open')),
    ]);

    expect(failed).toHaveBeenCalledExactlyOnceWith(cause);
    expect(settled).toBe('open');
  });
});
