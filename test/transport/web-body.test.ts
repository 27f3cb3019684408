import { Readable } from 'node:stream';

import { describe, expect, it, vi } from 'vitest';

import type { TransportBody } from '../../lib/transport/contract.js';
import { webBody } from '../../lib/transport/web-body.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const ignored = () => {};

const streamOf = async (body: TransportBody, failed: (error: unknown) => void = ignored) => {
  const { body: stream, stop } = await webBody(body, failed);
  return { stream: stream as ReadableStream<Uint8Array>, stop: stop! };
};

describe('a body for fetch', () => {
  it.each([
    ['text', 'text'],
    ['bytes', bytes('bytes')],
    ['a blob of the platform', new Blob(['blob'])],
    ['a form of the platform', new FormData()],
  ])('stays what it is: %s', async (_, body) => {
    await expect(webBody(body, ignored)).resolves.toEqual({ body });
  });

  it.each([
    ['an iterable', () => pieces('a', 'b')],
    ['a Node stream', () => Readable.from([bytes('a'), bytes('b')])],
    ['a web stream', () => ReadableStream.from([bytes('a'), bytes('b')])],
  ])('is a web stream where it is a stream: %s', async (_, make) => {
    const { stream } = await streamOf(make());

    await expect(new Response(stream).text()).resolves.toBe('ab');
  });

  it('asks a stream for a piece when one is wanted, not before', async () => {
    const next = vi.fn<() => Promise<IteratorResult<Uint8Array>>>(() => Promise.resolve({ value: bytes('a') }));
    const { stream } = await streamOf({ [Symbol.asyncIterator]: () => ({ next }) });
    const before = next.mock.calls.length;
    await stream.getReader().read();

    expect([before, next.mock.calls.length]).toEqual([0, 1]);
  });

  it('hands the error of a stream over, and leaves it to be broken off', async () => {
    const failed = vi.fn<(error: unknown) => void>();
    const cause = new Error('the disk is gone');
    const { stream, stop } = await streamOf(
      { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(cause) }) },
      failed,
    );
    const read = stream.getReader().read();
    await vi.waitFor(() => expect(failed).toHaveBeenCalledExactlyOnceWith(cause));
    stop(new Error('stopped'));

    await expect(read).rejects.toThrow('stopped');
  });
});

describe('stopping a body', () => {
  it('lets go of its source, even while a read is pending', async () => {
    const cancel = vi.fn<() => void>();
    const node = new Readable({ read: () => {} });
    const web = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}), cancel });
    for (const source of [node, web]) {
      const { stream, stop } = await streamOf(source);
      const read = stream.getReader().read();
      stop(new Error('stopped'));
      await expect(read).rejects.toThrow('stopped');
    }

    expect(node.destroyed).toBe(true);
    expect(cancel).toHaveBeenCalledOnce();
  });

  it('breaks it off: it errs, and does not end', async () => {
    const { stream, stop } = await streamOf(pieces('a', 'b'));
    const reader = stream.getReader();
    await reader.read();
    stop(new Error('stopped'));

    await expect(reader.read()).rejects.toThrow('stopped');
  });

  it('does nothing to one that has ended', async () => {
    const { stream, stop } = await streamOf(pieces('a'));
    const text = await new Response(stream).text();
    stop(new Error('stopped'));

    expect(text).toBe('a');
  });
});

async function* pieces(...texts: readonly string[]): AsyncGenerator<Uint8Array, undefined> {
  for (const text of texts) yield bytes(text);
}
