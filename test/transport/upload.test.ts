import { describe, expect, it } from 'vitest';

import { source } from '../support/contract/patterns.js';
import { Upload } from '../../lib/transport/upload.js';

describe('an upload', () => {
  it('opens its source when the first piece is asked for, and not before', async () => {
    let opened = 0;
    const upload = new Upload(() => (opened++, source(1, 10)), 10);
    expect(opened).toBe(0);
    await upload.next();
    await upload.next();

    expect(opened).toBe(1);
  });

  it('ends as its source ends, and stays ended', async () => {
    const upload = new Upload(() => source(2, 10), 20);
    const steps = [await upload.next(), await upload.next(), await upload.next(), await upload.next()];

    expect(steps.map(({ done, value }) => [done, value?.length])).toEqual([
      [false, 10],
      [false, 10],
      [true, undefined],
      [true, undefined],
    ]);
  });

  it('cuts what comes in one piece, so that its progress shows', async () => {
    const bytes = Uint8Array.from({ length: 150_000 }, (_, i) => i % 251);
    const upload = new Upload(() => new Blob([bytes]).stream() as never, bytes.length);
    const pieces: Uint8Array[] = [];
    for await (const piece of upload) pieces.push(piece);

    expect(pieces.map(({ length }) => length)).toEqual([65_536, 65_536, 18_928]);
    expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
  });

  it('lets go of a source that is asked for a piece and does not answer', async () => {
    let released = false;
    const silent: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        return: () => {
          released = true;
          return Promise.reject(new Error('nobody hears this'));
        },
      }),
    };
    const upload = new Upload(() => silent, undefined);
    const pending = upload.next();
    await Promise.resolve();
    upload.stop();
    upload.stop();

    expect(await pending).toEqual({ done: true, value: undefined });
    expect(released).toBe(true);
  });

  it('keeps the error of its source, also of one that cannot be opened', async () => {
    const broken = new Error('gone');
    const upload = new Upload(() => source(0, 10, broken), undefined);
    await expect(upload.next()).rejects.toBe(broken);
    expect(upload.failure).toEqual({ error: broken });
    const closed = new Upload(() => {
      throw broken;
    }, undefined);
    await expect(closed.next()).rejects.toBe(broken);

    expect(closed.failure?.error).toBe(broken);
  });

  it('is not opened any more once it was stopped', async () => {
    let opened = 0;
    const upload = new Upload(() => (opened++, source(1, 10)), 10);
    upload.stop();

    expect([await upload.next(), opened]).toEqual([{ done: true, value: undefined }, 0]);
  });
});
