import { expect, type TestAPI } from 'vitest';

import type { BlobLike, FormDataLike, Transport, TransportBody } from '../../lib/transport/contract.js';
import { setUp } from '../support/contract/bench.js';
import type { Facts } from './facts.js';

const bytes = (text: string) => new TextEncoder().encode(text);

/** A form made by a library: the platform does not know its class. */
function libraryForm(): FormDataLike {
  const entries: [string, unknown][] = [];
  return {
    append: (name, value) => entries.push([name, value]),
    [Symbol.iterator]: () => entries[Symbol.iterator](),
    [Symbol.toStringTag]: 'FormData',
  };
}

/** A blob made by a library. */
function libraryBlob(text: string): BlobLike {
  const real = new Blob([text]);
  return { size: real.size, type: '', arrayBuffer: () => real.arrayBuffer(), stream: () => real.stream() };
}

const end = () => Promise.resolve({ done: true, value: undefined } as const);
const hang = () => new Promise<never>(() => {});

/** A stream that a test watches: what was asked of it, and whether it was let go. */
function watchedStream(pieces: readonly string[], then: () => Promise<IteratorResult<Uint8Array>>) {
  const seen = { given: 0, returned: false };
  const stream: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next() {
        const piece = pieces[seen.given];
        if (piece !== undefined) {
          seen.given += 1;
          return Promise.resolve({ done: false, value: bytes(piece) });
        }
        return then();
      },
      return() {
        seen.returned = true;
        return end();
      },
    }),
  };
  return { stream, seen };
}

/** What the server says of a request that it received. */
interface Posted {
  readonly body?: { readonly text: string };
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly parts?: readonly object[];
}

/** Bodies that a `fetch` would send as the text of their class name, and streams that go wrong. */
export function registerUploads(it: TestAPI, make: () => Transport, at: () => Facts): void {
  const open = () => setUp(make(), at().facts).bench;
  const post = async (path: string, body: TransportBody): Promise<Posted> =>
    JSON.parse((await open().fetch(path, { method: 'POST', body })).sink.text) as Posted;

  it.each([
    ['the platform', () => new FormData()],
    ['a library', libraryForm],
  ])('sends a form made by %s as a form', async (_, makeForm) => {
    const form = makeForm();
    form.append('name', 'value');
    form.append('file', new File(['content'], 'a.txt', { type: 'text/plain' }));
    const { parts } = await post('/upload/multipart', form);

    expect(parts).toMatchObject([
      { name: 'name', text: 'value' },
      { name: 'file', filename: 'a.txt', type: 'text/plain', text: 'content' },
    ]);
  });

  it.each([
    ['the platform', () => new Blob(['content'])],
    ['a library', () => libraryBlob('content')],
  ])('sends a blob made by %s as its bytes, with their length', async (_, makeBlob) => {
    const { body, headers } = await post('/echo', makeBlob());

    expect(body).toMatchObject({ text: 'content' });
    expect(headers.find(([name]) => name.toLowerCase() === 'content-length')?.[1]).toBe('7');
  });

  it('sends a web stream and an iterable piece by piece', async () => {
    const web = await post('/echo', new Blob(['content']).stream());
    const iterable = await post('/echo', watchedStream(['con', 'tent'], end).stream);

    expect(web).toMatchObject({ body: { text: 'content' } });
    expect(iterable).toMatchObject({ body: { text: 'content' } });
  });

  it('fails with the error of a stream as the cause, and breaks the request off', async () => {
    const cause = new Error('the disk is gone');
    const { stream } = watchedStream(['half'], async () => {
      await at().facts.seen(id, 'arrived');
      throw cause;
    });
    const { id, sink } = open().open('/upload', { method: 'POST', body: stream });
    await sink.settled;
    const seen = await at().facts.seen(id, 'over');

    expect(sink.error).toMatchObject({ kind: 'network', phase: 'send', cause });
    expect(seen).toMatchObject({ state: 'aborted', body: { complete: false } });
  });

  it('lets go of a stream when the exchange is aborted', async () => {
    const { stream, seen } = watchedStream(['half'], hang);
    const { id, handle } = open().open('/upload', { method: 'POST', body: stream });
    await at().facts.seen(id, 'arrived');
    handle.abort();
    await expect.poll(() => seen.returned).toBe(true);

    expect(seen.given).toBe(1);
  });
}
