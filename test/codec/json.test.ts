import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';

import type { Decoder } from '../../lib/codec/decoder.js';
import { json } from '../../lib/codec/json.js';
import { DecodeError, type LimitError } from '../../lib/core/answer-errors.js';
import { ConfigError } from '../../lib/core/errors.js';
import { contextOf, cut, garbage, places, run, utf8 } from './run.js';

/** Decodes one body; throws what the decoder throws. */
function read(body: Uint8Array | string, type?: string): unknown {
  const values: unknown[] = [];
  const decoding = json().create(contextOf({}, type));
  decoding.push(typeof body === 'string' ? utf8(body) : body);
  decoding.end();
  decoding.read((value) => values.push(value) > 0);
  expect(values).toHaveLength(1);
  return values[0];
}

function failure(body: Uint8Array | string, type?: string): DecodeError {
  try {
    read(body, type);
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
  throw new Error('it was read');
}

describe('json', () => {
  it('is one value', () => {
    expect(json()).toMatchObject({ many: false, accept: 'application/json' });
    expect('schema' in json()).toBe(false);
  });

  it('carries the schema and its type, and does not run it', () => {
    const schema = z.object({ id: z.number() });
    expect(json(schema).schema).toBe(schema);
    expectTypeOf(json(schema)).toEqualTypeOf<Decoder<{ id: number }>>();
    expectTypeOf(json<string>()).toEqualTypeOf<Decoder<string>>();
    expectTypeOf(json()).toEqualTypeOf<Decoder<unknown>>();
    expect(run(json(schema), [utf8('{"id":"x"}')]).values).toEqual([{ id: 'x' }]);
  });

  it('refuses what is not a schema', () => {
    expect(() => json({} as never)).toThrow(ConfigError);
    expect(() => json(null as never)).toThrow('json(schema): not a Standard Schema');
  });

  it('emits once, when the body has ended', () => {
    const decoding = json().create(contextOf());
    const values: unknown[] = [];
    const take = (): void => decoding.read((value) => values.push(value) > 0);
    decoding.push(utf8('{"a":1}'));
    take();
    expect(values).toEqual([]);
    decoding.end();
    take();
    take();
    expect(values).toEqual([{ a: 1 }]);
  });

  it('reads a body of no bytes as undefined', () => {
    expect(run(json(), [])).toEqual({ values: [undefined], bad: [] });
    expect(run(json(), [new Uint8Array(0)])).toEqual({ values: [undefined], bad: [] });
  });

  it('leaves out one byte order mark', () => {
    expect(read('\ufeff[1]')).toEqual([1]);
    expect(failure('\ufeff\ufeff[1]').kind).toBe('decode');
    expect(failure('[1,\ufeff2]').kind).toBe('decode');
  });

  it('gives a single chunk to the platform as it came', () => {
    const chunk = utf8('{"a":1}');
    expect(read(chunk)).toEqual({ a: 1 });
    expect(chunk).toEqual(utf8('{"a":1}'));
  });

  it('keeps __proto__ and constructor as plain own data', () => {
    const value = read('{"__proto__":{"polluted":1},"constructor":2}') as Record<string, unknown>;
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect('polluted' in value).toBe(false);
  });

  it.each([
    ['white space', ' \n'],
    ['a byte order mark and no more', '\ufeff'],
    ['NUL', '\0'],
    ['a string with a raw line break', '"a\nb"'],
    ['an endless nest', '['.repeat(1_000_000)],
    ['NaN', 'NaN'],
    ['a trailing comma', '[1,]'],
    ['a comment', '{} // x'],
    ['two values', '{} {}'],
    ['bytes that are not UTF-8', Uint8Array.of(0x22, 0xff, 0x22)],
    ['a surrogate as bytes', Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22)],
    ['UTF-16', Uint8Array.of(0xff, 0xfe, 0x31, 0x00)],
    ['a character cut off', Uint8Array.of(0x22, 0xe2, 0x82)],
  ])('fails with a DecodeError on %s', (_, body) => {
    expect(failure(body)).toMatchObject({ kind: 'decode', record: 0, retryable: false, cause: expect.any(Error) });
  });

  it.each([
    ['a number too large', '1e999', Infinity],
    ['digits beyond a double', '12345678901234567890', 12_345_678_901_234_567_000],
    ['minus zero', '-0', -0],
    ['an escaped surrogate alone', String.raw`"\ud800"`, '\ud800'],
    ['the last of two equal names', '{"a":1,"a":2}', { a: 2 }],
    ['white space around', '\r\n\t 1 \n', 1],
  ])('reads %s as JSON.parse does', (_, body, value) => {
    expect(read(body)).toEqual(value);
  });

  it('reads a deep nest that is closed', () => {
    let value = read(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    let depth = 0;
    for (; Array.isArray(value); depth++) value = value[0];
    expect(depth).toBe(100_000);
  });
});

describe('the error of a body that is not JSON', () => {
  it('says where, and shows a little of it', () => {
    const body = `{"a": "${'x'.repeat(100)}" "secret": 1}`;
    const { message } = failure(body);
    expect(message).toContain('the body is not JSON: ');
    expect(message).toContain('position 109');
    expect(message).toContain('in "xxxxxxxxxxxxxxxxxx" "secret": 1}"');
  });

  it('names the content type where that is not JSON', () => {
    expect(failure('<!doctype html>', 'text/html; charset=utf-8').message).toMatch(
      /15 characters that begin "<!doctype html>"; got text\/html; charset=utf-8$/,
    );
    expect(failure(Uint8Array.of(0xff), 'image/png').message).toBe(
      'the body is not JSON: it is not UTF-8; got image/png',
    );
    for (const type of ['application/json', 'application/problem+json; charset=utf-8', 'text/json']) {
      expect(failure('!', type).message).not.toContain('got');
    }
  });

  it('is short and on one line, whatever the body holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.stringMatching(/^[ -~]{0,300}$/), (body, type) => {
        const { message } = failure(`!${body}\u001b[2J\u202e\n`, type);
        expect(message.length).toBeLessThan(300);
        expect(message).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});

describe('a JSON body in any chunks', () => {
  it('is the same value', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary' }), places, (text, at) => {
        expect(run(json(), cut(utf8(text), at))).toEqual({ values: [JSON.parse(text)], bad: [] });
      }),
    );
  });

  it('fails with nothing but a DecodeError, the same in all chunks', () => {
    fc.assert(
      fc.property(garbage, places, (bytes, at) => {
        const outcome = run(json(), cut(bytes, at));
        expect(outcome).toEqual(run(json(), [bytes]));
        expect(outcome.thrown ?? 'DecodeError: the body is not JSON').toMatch(/^DecodeError: the body is not JSON/);
      }),
      { numRuns: 500 },
    );
  });

  it('is refused as soon as it is over bodyBytes', () => {
    const decoding = json().create(contextOf({ bodyBytes: 10 }));
    decoding.push(utf8('"12345'));
    decoding.push(utf8('678"'));
    const over: Partial<LimitError> = { kind: 'limit', which: 'bodyBytes', limit: 10 };
    expect(() => decoding.push(utf8(' '))).toThrow(expect.objectContaining(over));
    expect(run(json(), cut(utf8('"12345678"'), [3]), { limits: { bodyBytes: 10 } }).values).toEqual(['12345678']);
    expect(run(json(), [utf8('"123456789"')], { limits: { bodyBytes: 10 } }).thrown).toBe(
      'LimitError: the body is too large: more than 10 (limits.bodyBytes)',
    );
  });
});
