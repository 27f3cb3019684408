import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';

import type { Decoder } from '../../lib/codec/decoder.js';
import { ndjson } from '../../lib/codec/ndjson.js';
import { DecodeError } from '../../lib/core/answer-errors.js';
import { ConfigError } from '../../lib/core/errors.js';
import { contextOf, cut, demands, garbage, type Outcome, places, run, utf8 } from './run.js';

const of = (body: string | number[]): Outcome =>
  run(ndjson(), [typeof body === 'string' ? utf8(body) : Uint8Array.from(body)]);

/** What the records of a body are, said in another way: the values, and the numbers of the bad ones. */
function expected(bytes: Uint8Array): { values: unknown[]; bad: number[] } {
  const values: unknown[] = [];
  const bad: number[] = [];
  const bom = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  let record = 0;
  for (let from = bom ? 3 : 0; from < bytes.length;) {
    const lf = bytes.indexOf(10, from);
    const line = bytes.subarray(from, lf < 0 ? bytes.length : lf);
    from += line.length + 1;
    if (line.every((byte) => byte === 32 || byte === 9 || byte === 13)) continue;
    record++;
    try {
      values.push(JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(line)));
    } catch {
      bad.push(record);
    }
  }
  return { values, bad };
}

describe('ndjson', () => {
  it('says what it reads', () => {
    expect(ndjson()).toMatchObject({
      many: true,
      onInvalid: 'collect',
      accept: 'application/x-ndjson, application/ndjson, application/jsonl',
    });
    expect('schema' in ndjson()).toBe(false);
  });

  it('carries the schema and its type, and does not run it', () => {
    const schema = z.object({ id: z.number() });
    const decoder = ndjson(schema, { onInvalid: 'skip' });
    expect(decoder).toMatchObject({ onInvalid: 'skip', schema });
    expectTypeOf(decoder).toEqualTypeOf<Decoder<{ id: number }>>();
    expect(run(decoder, [utf8('{"id":"x"}\n')]).values).toEqual([{ id: 'x' }]);
  });

  it.each([
    ['LF', '{"a":1}\n{"b":2}\n', [{ a: 1 }, { b: 2 }]],
    ['CRLF', '{"a":1}\r\n[]\r\n', [{ a: 1 }, []]],
    ['a last record without a break', '1\n2', [1, 2]],
    ['scalars', 'null\ntrue\n"x"\n-0\n', [null, true, 'x', -0]],
    ['blank lines, left out', '\n1\n\r\n \t\r\n2\n\n', [1, 2]],
    ['white space around a record', '  1\t\r\n', [1]],
    ['one byte order mark', '\ufeff1\n', [1]],
    ['separators of Unicode inside strings', '"a\u2028b\u0085c"\n', ['a\u2028b\u0085c']],
    ['nothing', '', []],
  ])('reads %s', (_, body, values) => {
    expect(of(body)).toEqual({ values, bad: [] });
  });

  it.each([
    ['two values on a line', '1,2\n', 'record 1'],
    ['an array cut over two lines, whatever its parts would make together', '1,2\n[3\n4]\n', 'record 2'],
    ['a record cut off at the end', '1\n{"a":', 'record 2'],
    ['a byte order mark later on', '1\n\ufeff2\n', 'record 2'],
    ['blanks that are not white space of JSON', '1\n\u00a0\n', 'record 2'],
    ['NUL', '1\n\0\n', 'record 2'],
  ])('names the record when it meets %s', (_, body, record) => {
    expect(of(body).bad.join()).toContain(`${record} is not JSON`);
  });

  it('does not count blank lines as records', () => {
    expect(of('\n\n1\n\n!\n').bad).toEqual([expect.stringMatching(/^record 2 is not JSON: /)]);
  });

  it('loses only the line that is not UTF-8', () => {
    const body = [...utf8('{"a":"é"}\n"'), 0xff, ...utf8('"\n'), 0xe2, 0x82, ...utf8('\n{"b":"€"}\n')];
    const values = [{ a: 'é' }, { b: '€' }];
    expect(of(body)).toEqual({
      values,
      bad: ['record 2 is not JSON: it is not UTF-8', 'record 3 is not JSON: it is not UTF-8'],
    });
    expect(of([0xff]).bad).toEqual(['record 1 is not JSON: it is not UTF-8']);
  });

  it('throws the error of a bad record when nobody takes it, and can go on', () => {
    const decoding = ndjson().create(contextOf());
    const seen: unknown[] = [];
    const read = (): void => decoding.read((value) => seen.push(value) > 0);
    decoding.push(utf8('1\n{x}\n3\n'));
    expect(read).toThrow(DecodeError);
    read();
    expect(seen).toEqual([1, 3]);
  });

  it('gives bad records a number and a cause', () => {
    const found: unknown[] = [];
    const decoding = ndjson().create({ ...contextOf(), invalid: (error) => found.push(error) });
    decoding.push(utf8('1\n{x}\n'));
    decoding.read(() => true);
    expect(found).toEqual([expect.objectContaining({ kind: 'decode', record: 2, retryable: false })]);
    expect((found[0] as DecodeError).cause).toBeInstanceOf(SyntaxError);
  });

  it('passes on what the receivers throw, and can go on', () => {
    const stop = new Error('stop');
    const fail = (): never => {
      throw stop;
    };
    const decoding = ndjson().create({ ...contextOf(), invalid: fail });
    const seen: unknown[] = [];
    decoding.push(utf8('1\n!\n2\n'));
    expect(() => decoding.read(fail)).toThrow(stop);
    expect(() => decoding.read(fail)).toThrow(stop);
    decoding.read((value) => seen.push(value) > 0);
    expect(seen).toEqual([2]);
  });

  it('parses no further than it is asked', () => {
    const found: unknown[] = [];
    const decoding = ndjson().create({ ...contextOf(), invalid: (error) => found.push(error) });
    decoding.push(utf8('1\n!\n2\n'));
    decoding.read(() => false);
    expect(found).toEqual([]);
    decoding.read(() => false);
    expect(found).toHaveLength(1);
  });

  it('bounds a line, after the records before it', () => {
    const thrown = 'LimitError: line 3 is too long: more than 4 (limits.lineBytes)';
    const outcome = run(ndjson(), [utf8('1234\n\n"345"\n1\n')], { limits: { lineBytes: 4 } });
    expect(outcome).toEqual({ values: [1234], bad: [], thrown });
  });

  it('refuses options it does not know', () => {
    expect(() => ndjson(undefined, { onInvalid: 'ignore' } as never)).toThrow(
      "ndjson.onInvalid: use 'fail', 'skip' or 'collect'",
    );
    expect(() => ndjson(undefined, { oninvalid: 'skip' } as never)).toThrow('did you mean "onInvalid"?');
    expect(() => ndjson({ onInvalid: 'skip' } as never)).toThrow(ConfigError);
  });
});

describe('records of any bytes', () => {
  it('are the same however the bytes are cut and however they are asked for', () => {
    fc.assert(
      fc.property(garbage, places, demands, (bytes, at, wanted) => {
        const outcome = run(ndjson(), cut(bytes, at), { demands: wanted });
        const { values, bad } = expected(bytes);
        expect(outcome.values).toEqual(values);
        expect(outcome.bad.map((message) => Number(/^record (\d+) is not JSON/.exec(message)?.[1]))).toEqual(bad);
      }),
      { numRuns: 1000 },
    );
  });

  it('give back every JSON value that was written', () => {
    fc.assert(
      fc.property(
        fc.array(fc.json({ stringUnit: 'binary' })),
        places,
        fc.constantFrom('\n', '\r\n'),
        (texts, at, end) => {
          const chunks = cut(utf8(texts.join(end)), at);
          expect(run(ndjson(), chunks)).toEqual({ values: texts.map((text) => JSON.parse(text)), bad: [] });
        },
      ),
    );
  });

  it('fail with nothing but a DecodeError or a LimitError', () => {
    fc.assert(
      fc.property(garbage, places, fc.nat({ max: 20 }), fc.boolean(), (bytes, at, lineBytes, collect) => {
        const { thrown } = run(ndjson(), cut(bytes, at), { limits: { lineBytes }, collect });
        expect(thrown ?? 'DecodeError').toMatch(/^(Decode|Limit)Error/);
      }),
      { numRuns: 1000 },
    );
  });

  it('are whole around a fault in the middle of a large chunk', () => {
    const texts = Array.from({ length: 20_000 }, (_, i) => `{"i":${i},"t":"€"}`);
    const bytes = utf8(texts.join('\n'));
    bytes[bytes.length >> 1] = 0xff;
    const { values, bad } = expected(bytes);
    expect(bad).toHaveLength(1);
    const outcome = run(ndjson(), [bytes]);
    expect(outcome.values).toEqual(values);
    expect(outcome.bad).toHaveLength(1);
  });
});
