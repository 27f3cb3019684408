import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { jsonSeq } from '../../lib/codec/json-seq.js';
import { contextOf, cut, demands, garbage, type Outcome, places, run, utf8 } from './run.js';

const cases: readonly (readonly [rule: string, body: string, values: readonly unknown[], bad?: readonly RegExp[]])[] = [
  ['a separator begins a text and LF ends it', '\x1e{"a":1}\n\x1e[2]\n\x1e"c"\n', [{ a: 1 }, [2], 'c']],
  ['a text may have lines in it', '\x1e{\n "a": [\n  1\n ]\n}\n\x1e\n\n 2\n', [{ a: [1] }, 2]],
  [
    'LF and brackets in strings count for nothing',
    '\x1e"]}\\n\\"{["\n\x1e{"a\\\\":"["}\n',
    [']}\n"{[', { 'a\\': '[' }],
  ],
  ['several separators in a row count as one', '\x1e\x1e\x1e1\n\x1e\x1e\n\x1e2\n\x1e', [1, 2]],
  ['a text that needs no LF may do without', '\x1e{"a":1}\x1e[2]\x1e"c"', [{ a: 1 }, [2], 'c']],
  ['white space around it is none of it', '\x1e \r\n {"a":1} \r\n\x1e\t2 \x1e 3\r\n', [{ a: 1 }, 2, 3]],
  ['nothing is no text', '', []],
  [
    'a malformed text is named, and the next one is read',
    '\x1e{"a":\n\x1e2\n\x1e}\n\x1e4\n',
    [2, 4],
    [/record 1 /, /record 3 /],
  ],
  [
    'a number or word without white space behind it is cut off',
    '\x1e12\x1etrue\x1enull\x1e-1.5e3\x1e12\n',
    [12],
    [/1 .*cut off/, /2 /, /3 /, /4 .*cut off/],
  ],
  ['so is the last one', '\x1e1\n\x1e123', [1], [/record 2 is not JSON: it is cut off/]],
  ['so is a text that is open at the end', '\x1e1\n\x1e{"a":[1', [1], [/record 2 /]],
  [
    'what no separator begins is a fault',
    '1\n\x1e2\n3\n\x1e4\n',
    [2, 4],
    [/record 1 .*no record separator/, /record 3 /],
  ],
  ['a fault inside of a string ends at the next separator', '\x1e"abc\n\x1e2\n', [2], [/record 1 /]],
  ['more than one value is a fault', '\x1e1 2\n\x1e3\n', [3], [/record 1 /]],
];

const all = (bytes: Uint8Array): Uint8Array[] => Array.from(bytes, (_, i) => bytes.subarray(i, i + 1));

describe('jsonSeq', () => {
  it.each(cases.map(([rule, body, values, bad = []]) => ({ rule, body, values, bad })))(
    '$rule',
    ({ body, values, bad }) => {
      const bytes = utf8(body);
      const check = ({ thrown, ...found }: Outcome): void => {
        expect(found).toEqual({ values, bad: bad.map((one) => expect.stringMatching(one)) });
        expect(thrown).toBeUndefined();
      };
      check(run(jsonSeq(), [bytes]));
      check(run(jsonSeq(), all(bytes)));
      for (let at = 0; at <= bytes.length; at++) check(run(jsonSeq(), [bytes.subarray(0, at), bytes.subarray(at)]));
    },
  );

  it('delivers a text with the LF that ends it', () => {
    const reading = jsonSeq().create(contextOf());
    const seen: unknown[] = [];
    for (const piece of ['\x1e{"a":', '1}', '\n']) {
      expect(seen).toEqual([]);
      reading.push(utf8(piece));
      reading.read((value) => seen.push(value) > 0);
    }
    expect(seen).toEqual([{ a: 1 }]);
  });

  it('says the same of any bytes, however they are cut and asked for', () => {
    const piece = fc.oneof(garbage, fc.constantFrom('\x1e', '\x1e', '\n', '{"a":', '"').map(utf8));
    const body = fc.array(piece, { maxLength: 20 }).map((list) => Uint8Array.from(list.flatMap((one) => [...one])));
    fc.assert(
      fc.property(body, places, demands, (bytes, at, wanted) => {
        expect(run(jsonSeq(), cut(bytes, at), { demands: wanted })).toEqual(run(jsonSeq(), [bytes]));
      }),
    );
  });

  it('gives back what JSON.stringify wrote, with and without indents', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.nat(2), places, (values, indent, at) => {
        const texts = values.map((value) => `\x1e${JSON.stringify(value, null, indent)}\n`);
        const back = values.map((value) => JSON.parse(JSON.stringify(value)) as unknown);
        expect(run(jsonSeq(), cut(utf8(texts.join('')), at))).toEqual({ values: back, bad: [] });
      }),
    );
  });

  it('refuses bytes that are not UTF-8, and only those', () => {
    const bytes = Uint8Array.from([...utf8('\x1e"'), 0xff, ...utf8('"\n\x1e"é"\n')]);
    expect(run(jsonSeq(), [bytes])).toEqual({ values: ['é'], bad: ['record 1 is not JSON: it is not UTF-8'] });
  });

  it('bounds a text', () => {
    for (const size of [1, 1000]) {
      const bytes = utf8(`\x1e1\n\x1e"${'x'.repeat(100)}`);
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      );
      const { values, thrown } = run(jsonSeq(), chunks, { limits: { lineBytes: 50 } });
      expect([values, thrown]).toEqual([[1], 'LimitError: record 2 is too long: more than 50 (limits.lineBytes)']);
    }
  });

  it('ends at a fault, where nobody takes it', () => {
    const { values, thrown } = run(jsonSeq(), [utf8('\x1e1\n\x1e{\n\x1e2\n')], { collect: false });
    expect(values).toEqual([1]);
    expect(thrown).toContain('DecodeError: record 2');
  });

  it('has a schema, and one of three rules for faults', () => {
    const schema = z.number();
    expect(jsonSeq(schema, { onInvalid: 'fail' })).toMatchObject({ schema, onInvalid: 'fail', many: true });
    expect(() => jsonSeq(undefined, { onInvalid: 'drop' as 'skip' })).toThrow(/jsonSeq\.onInvalid/);
    expect(() => jsonSeq({} as never)).toThrow(/jsonSeq\(schema\)/);
  });
});
