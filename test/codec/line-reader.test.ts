import { describe, expect, it } from 'vitest';

import { LineReader } from '../../lib/codec/line-reader.js';
import type { TextSource } from '../../lib/codec/utf8.js';
import { utf8 } from './run.js';

/** Counts the work: how often bytes are decoded, and how many. */
class CountingDecoder implements TextSource {
  calls = 0;
  bytes = 0;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  decode(bytes: Uint8Array): string {
    this.calls++;
    this.bytes += bytes.length;
    return this.#decoder.decode(bytes);
  }
}

/** Reads a body pushed in pieces of one size, and counts lines. */
function read(
  body: Uint8Array,
  size: number,
  decoder: TextSource,
  limit = Infinity,
): { lines: number; spoilt: number } {
  const reader = new LineReader(decoder, limit);
  const found = { lines: 0, spoilt: 0 };
  const drain = (): void => {
    while (reader.next() !== undefined) {
      found.lines++;
      if (reader.spoilt) found.spoilt++;
    }
  };
  for (let at = 0; at < body.length; at += size) {
    reader.push(body.subarray(at, at + size));
    drain();
  }
  reader.end();
  drain();
  return found;
}

const million = utf8(`${'x'.repeat(99)}\n`.repeat(10_000));

describe('LineReader', () => {
  it.each([1, 7, 500, 65_536, 1_000_000])('decodes every byte once, pushed %i at a time', (size) => {
    const body = million.subarray(0, Math.min(size * 10_000, million.length));
    const decoder = new CountingDecoder();
    expect(read(body, size, decoder)).toEqual({ lines: body.length / 100, spoilt: 0 });
    expect(decoder.bytes).toBe(body.length);
  });

  it('decodes a large chunk in windows, no further than it is read', () => {
    const decoder = new CountingDecoder();
    const reader = new LineReader(decoder, Infinity);
    reader.push(million);
    for (let i = 0; i < 10; i++) reader.next();
    expect(decoder.bytes).toBe(16_384);
    for (let i = 10; i < 10_000; i++) reader.next();
    expect(decoder.calls).toBe(Math.ceil(million.length / 16_384));
  });

  it('gathers the short pieces of a long line', () => {
    const decoder = new CountingDecoder();
    expect(read(new Uint8Array(100_000).fill(0x61), 1, decoder).lines).toBe(1);
    expect(decoder.calls).toBeLessThan(1000);
    expect(decoder.bytes).toBe(100_000);
  });

  it('decodes bytes around a fault at most twice, however many faults there are', () => {
    const body = million.slice();
    for (let at = 50; at < body.length; at += 300) body[at] = 0xff;
    const decoder = new CountingDecoder();
    expect(read(body, 65_536, decoder)).toEqual({ lines: 10_000, spoilt: 3334 });
    expect(decoder.bytes).toBeLessThanOrEqual(2 * body.length);
  });

  it.each([
    [100, 20_000],
    [1000, 2100],
    [16_384, 150],
    [70_000, 80],
  ])('decodes whole windows under a limit of %i', (limit, most) => {
    const decoder = new CountingDecoder();
    expect(read(million, 65_536, decoder, limit).lines).toBe(10_000);
    expect(decoder.bytes).toBe(million.length);
    expect(decoder.calls).toBeLessThan(most);
  });

  it.each([5000, 5001, 16_384, 65_537])('decodes every byte once where %i bytes may end in a character', (size) => {
    const body = utf8(`${'α'.repeat(99)}\r\n`.repeat(5000));
    const decoder = new CountingDecoder();
    expect(read(body, size, decoder)).toEqual({ lines: 5000, spoilt: 0 });
    expect(decoder.bytes).toBe(body.length);
    expect(decoder.calls).toBeLessThan((2.1 * body.length) / Math.min(size, 16_384));
  });

  it.each([1, 300, 5001, 70_000])('counts bytes, not characters, against the limit, pushed %i at a time', (size) => {
    for (const letters of [70, 700, 20_000]) {
      const body = utf8(`é\n${'α'.repeat(letters)}\n`.repeat(3));
      const lines = (limit: number) => read(body, size, new CountingDecoder(), limit).lines;
      expect(lines(2 * letters)).toBe(6);
      expect(() => lines(2 * letters - 1)).toThrow('line 2 is too long');
    }
  });

  it('throws again for a line that is too long', () => {
    const reader = new LineReader(new CountingDecoder(), 3);
    reader.push(utf8('abcd\ne\n'));
    expect(() => reader.next()).toThrow('line 1 is too long');
    expect(() => reader.next()).toThrow('line 1 is too long');
  });

  it('counts the lines it returned', () => {
    const reader = new LineReader(new CountingDecoder(), 100);
    reader.push(utf8('a\n\nb'));
    expect([reader.next(), reader.next(), reader.next(), reader.number]).toEqual(['a', '', undefined, 2]);
    reader.end();
    expect([reader.next(), reader.next(), reader.number]).toEqual(['b', undefined, 3]);
  });
});
