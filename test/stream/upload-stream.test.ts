import { describe, expect, it } from 'vitest';

import { StreamSource } from '../../lib/stream/upload-stream.js';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const ALL = 'abcdefghij';

async function* pieces(text: string, length: number, onLeave = (): void => undefined) {
  try {
    for (let at = 0; at < text.length; at += length) yield bytesOf(text.slice(at, at + length));
  } finally {
    onLeave();
  }
}

const seekable = (length: number, asked: number[] = []) =>
  new StreamSource(
    (offset) => {
      asked.push(offset);
      return pieces(ALL.slice(offset), length);
    },
    true,
    undefined,
  );
const once = (length: number) => {
  const stream = pieces(ALL, length);
  return new StreamSource(() => stream, false, undefined);
};

async function read(source: StreamSource, at: number, most: number): Promise<[text: string, isLast: boolean]> {
  const { body, bytes, isLast } = await source.read(at, most);
  const text = new TextDecoder().decode(body as Uint8Array);
  expect(text).toHaveLength(bytes);
  return [text, isLast];
}

describe('StreamSource', () => {
  it.each([1, 2, 3, 4, 7, 10, 20])('cuts pieces of %i bytes into chunks, and knows the last one', async (length) => {
    for (const source of [seekable(length), once(length)]) {
      expect(await read(source, 0, 4)).toEqual(['abcd', false]);
      expect(await read(source, 4, 4)).toEqual(['efgh', false]);
      expect(await read(source, 8, 4)).toEqual(['ij', true]);
      expect(await read(source, 10, 4)).toEqual(['', true]);
    }
    expect(await read(seekable(length), 0, 10)).toEqual([ALL, true]);
  });

  it('gives the same chunk again, and part of it', async () => {
    const source = once(3);
    expect(await read(source, 0, 4)).toEqual(['abcd', false]);
    expect(await read(source, 0, 4)).toEqual(['abcd', false]);
    expect(await read(source, 2, 4)).toEqual(['cdef', false]);
    await expect(source.read(1, 4)).rejects.toMatchObject({ field: 'upload.source' });
  });

  it('asks for another stream to go back, or far ahead', async () => {
    const asked: number[] = [];
    const source = seekable(2, asked);
    await read(source, 0, 4);
    expect(await read(source, 8, 4)).toEqual(['ij', true]);
    expect(await read(source, 1, 2)).toEqual(['bc', false]);
    expect(asked).toEqual([0, 8, 1]);
  });

  it('reads ahead in one that cannot seek', async () => {
    expect(await read(once(3), 8, 4)).toEqual(['ij', true]);
  });

  it('does not take a late piece of a stream that it has left', async () => {
    const waiting: ((step: IteratorResult<Uint8Array>) => void)[] = [];
    const make = () => ({
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<IteratorResult<Uint8Array>>((resolve) => void waiting.push(resolve)),
      }),
    });
    const source = new StreamSource(make, true, undefined);
    void source.read(0, 1);
    await Promise.resolve();
    await Promise.resolve();
    source.pause();
    const second = source.read(0, 1);
    await new Promise((resolve) => void setImmediate(resolve));
    waiting[0]!({ done: false, value: bytesOf('old') });
    waiting[1]!({ done: false, value: bytesOf('new') });
    expect(new TextDecoder().decode((await second).body as Uint8Array)).toBe('n');
  });

  it('lets go of a stream when it is paused, and goes on with another one', async () => {
    let left = 0;
    const source = new StreamSource((at) => pieces(ALL.slice(at), 2, () => left++), true, undefined);
    await read(source, 0, 2);
    source.pause();
    await new Promise((resolve) => void setImmediate(resolve));
    expect(left).toBe(1);
    expect(await read(source, 2, 2)).toEqual(['cd', false]);
  });

  it('lets go of a stream that comes only after it was paused', async () => {
    let give: (stream: AsyncIterable<Uint8Array>) => void = () => undefined;
    let left = false;
    const make = () =>
      new Promise<AsyncIterable<Uint8Array>>((resolve) => {
        give = resolve;
      });
    const source = new StreamSource(make, true, undefined);
    void source.read(0, 1);
    source.pause();
    const leave = async (): Promise<IteratorResult<Uint8Array>> => {
      left = true;
      return { done: true, value: undefined };
    };
    const next = () => new Promise<IteratorResult<Uint8Array>>(() => undefined);
    give({ [Symbol.asyncIterator]: () => ({ next, return: leave }) });
    await new Promise((resolve) => void setImmediate(resolve));
    expect(left).toBe(true);
  });

  it('keeps a stream that can be read only once, and what is not known to have arrived', async () => {
    const source = once(3);
    await read(source, 0, 4);
    source.pause();
    expect(await read(source, 0, 4)).toEqual(['abcd', false]);
  });

  it('makes a stream anew after its error, where it can, and stays broken where it cannot', async () => {
    let failing = true;
    const make = async function* () {
      yield bytesOf('ab');
      if (failing) throw new Error('disk');
    };
    const again = new StreamSource(make, true, undefined);
    await expect(again.read(0, 4)).rejects.toThrow('disk');
    const stream = make();
    const broken = new StreamSource(() => stream, false, undefined);
    await expect(broken.read(0, 4)).rejects.toThrow('disk');
    failing = false;
    expect(await read(again, 0, 4)).toEqual(['ab', true]);
    await expect(broken.read(0, 4)).rejects.toThrow('disk');
  });
});
