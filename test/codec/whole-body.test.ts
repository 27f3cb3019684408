import fc from 'fast-check';
import { afterEach, describe, expect, expectTypeOf, it, vi } from 'vitest';

import { blob, type BlobShape, type PlatformBlob } from '../../lib/codec/blob.js';
import { bytes } from '../../lib/codec/bytes.js';
import type { Decoder } from '../../lib/codec/decoder.js';
import { text } from '../../lib/codec/text.js';
import { contextOf, cut, places, run, utf8 } from './run.js';

/** Decodes one body with a content type. */
function read<T>(decoder: Decoder<T>, body: Uint8Array, type?: string): T {
  const values: T[] = [];
  const decoding = decoder.create(contextOf({}, type));
  if (body.length > 0) decoding.push(body);
  decoding.end();
  decoding.read((value) => values.push(value) > 0);
  expect(values).toHaveLength(1);
  return values[0]!;
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('bytes', () => {
  it('is one value, empty where there is no body', () => {
    expect(bytes()).toMatchObject({ many: false, accept: '*/*' });
    expect(read(bytes(), new Uint8Array(0))).toEqual(new Uint8Array(0));
  });

  it('gives back what was sent, in any chunks', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), places, (body, at) => {
        expect(run(bytes(), cut(body, at)).values).toEqual([body]);
      }),
    );
  });

  it('is a plain array that owns its buffer, also where the chunk is a piece of a pool', () => {
    const pool = Buffer.from('the secret of another call');
    const value = read(bytes(), pool.subarray(4, 10));
    expect(value).toEqual(utf8('secret'));
    expect(value.constructor).toBe(Uint8Array);
    expect(value.buffer.byteLength).toBe(6);
    const [joined] = run(bytes(), [utf8('a'), utf8('b'), utf8('c')]).values as Uint8Array[];
    expect(joined!.buffer.byteLength).toBe(3);
  });

  it('does not copy a chunk that owns its buffer', () => {
    const chunk = Uint8Array.of(1, 2, 3);
    expect(read(bytes(), chunk).buffer).toBe(chunk.buffer);
  });

  it('copies each byte a few times at most, however small the chunks', () => {
    const set = vi.spyOn(Uint8Array.prototype, 'set');
    const decoding = bytes().create(contextOf());
    for (let i = 0; i < 20_000; i++) decoding.push(Uint8Array.of(i));
    const copied = set.mock.calls.reduce((sum, [from]) => sum + from.length, 0);
    expect(copied).toBeLessThan(4 * 20_000);
  });

  it('never holds more than bodyBytes', () => {
    const decoding = bytes().create(contextOf({ bodyBytes: 1000 }));
    for (let i = 0; i < 1000; i++) decoding.push(Uint8Array.of(1));
    expect(() => decoding.push(Uint8Array.of(1))).toThrow('more than 1000 (limits.bodyBytes)');
    expect(() =>
      bytes()
        .create(contextOf({ bodyBytes: 0 }))
        .push(Uint8Array.of(1)),
    ).toThrow('limits.bodyBytes');
  });
});

describe('text', () => {
  it('is one string, empty where there is no body', () => {
    expect(text()).toMatchObject({ many: false, accept: 'text/*, */*;q=0.1' });
    expect(read(text(), new Uint8Array(0))).toBe('');
    expectTypeOf(text()).toEqualTypeOf<Decoder<string>>();
  });

  it.each([
    ['no content type', undefined, 'é'],
    ['none named', 'text/plain', 'é'],
    ['one it knows', 'text/plain; charset=iso-8859-1', 'Ã©'],
    ['one in quotes and capitals', 'text/plain;CHARSET = "Latin1"; x=y', 'Ã©'],
    ['one it does not know', 'text/plain; charset=klingon', 'é'],
    ['a word that only ends in it', 'text/plain; notcharset=latin1', 'é'],
  ])('reads the charset of the content type: %s', (_, type, value) => {
    expect(read(text(), utf8('é'), type)).toBe(value);
  });

  it('takes the charset it is given before the content type', () => {
    expect(read(text('latin1'), utf8('é'), 'text/plain; charset=utf-8')).toBe('Ã©');
    expect(read(text('shift_jis'), Uint8Array.of(0x93, 0xfa))).toBe('日');
    expect(() => text('klingon')).toThrow('text(charset): "klingon" is not a charset this platform knows');
  });

  it('leaves out one byte order mark, and replaces what is not in the charset', () => {
    expect(read(text(), utf8('\ufeff\ufeffa'))).toBe('\ufeffa');
    expect(read(text(), Uint8Array.of(0x61, 0xff, 0xed, 0xa0, 0x80))).toBe('a\ufffd\ufffd\ufffd\ufffd');
    expect(read(text(), Uint8Array.of(0xff, 0xfe, 0x61, 0x00), 'text/plain; charset=utf-16le')).toBe('a');
  });

  it('is the same in any chunks', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), places, (body, at) => {
        expect(run(text(), cut(utf8(`x${body}`), at)).values).toEqual([`x${body}`]);
      }),
    );
  });
});

describe('blob', () => {
  it('holds the bytes and the content type', async () => {
    const value = read(blob(), utf8('<svg/>'), 'image/svg+xml');
    expect(value).toBeInstanceOf(Blob);
    expect(value).toMatchObject({ size: 6, type: 'image/svg+xml' });
    expect(await value.text()).toBe('<svg/>');
  });

  it('is empty and untyped where there is no body and no type', () => {
    expect(read(blob(), new Uint8Array(0))).toMatchObject({ size: 0, type: '' });
  });

  it('has the type of the platform', () => {
    expectTypeOf<PlatformBlob>().toEqualTypeOf<Blob>();
    expectTypeOf<PlatformBlob>().toExtend<BlobShape>();
  });
});
