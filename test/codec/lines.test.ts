import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { lines } from '../../lib/codec/lines.js';
import { cut, demands, garbage, places, run, utf8 } from './run.js';

const of = (...chunks: (string | number[])[]): unknown[] =>
  run(
    lines(),
    chunks.map((chunk) => (typeof chunk === 'string' ? utf8(chunk) : Uint8Array.from(chunk))),
  ).values;

/** What the lines of a body are, said in another way. */
function expected(bytes: Uint8Array): string[] {
  const parts = new TextDecoder().decode(bytes).split('\n');
  if (parts.at(-1) === '') parts.pop();
  return parts.map((line) => line.replace(/\r$/, ''));
}

/** Bytes of each line, its break not counted. */
function sizes(bytes: Uint8Array): number[] {
  const found: number[] = [];
  for (let from = 0; from < bytes.length;) {
    const lf = bytes.indexOf(10, from);
    const to = lf < 0 ? bytes.length : lf;
    found.push(to - from);
    from = to + 1;
  }
  return found;
}

describe('lines', () => {
  it('is many strings', () => {
    expect(lines()).toMatchObject({ many: true, accept: 'text/plain, */*;q=0.1' });
  });

  it.each([
    ['LF', 'a\nb\n', ['a', 'b']],
    ['CRLF', 'a\r\nb\r\n', ['a', 'b']],
    ['both mixed', 'a\r\nb\nc', ['a', 'b', 'c']],
    ['a last line without a break', 'a\nb', ['a', 'b']],
    ['blank lines', '\n\na\n\n', ['', '', 'a', '']],
    ['nothing', '', []],
    ['one break', '\n', ['']],
    ['a lone CR, which is text', 'a\rb\n', ['a\rb']],
    ['only the last CR before a break', 'a\r\r\n', ['a\r']],
    ['a CR at the end of the body, left out', 'a\r', ['a']],
    ['separators of Unicode, which are text', 'a\u2028b\u2029c\u0085d\n', ['a\u2028b\u2029c\u0085d']],
    ['a byte order mark at the start', '\ufeffa\n', ['a']],
    ['only a byte order mark', '\ufeff', []],
    ['a second byte order mark, which is text', '\ufeff\ufeffa\n\ufeffb\n', ['\ufeffa', '\ufeffb']],
    ['NUL, which is text', 'a\0b\n', ['a\0b']],
  ])('reads %s', (_, body, values) => {
    expect(of(body)).toEqual(values);
  });

  it('joins a line, a CRLF, a character and a byte order mark cut over chunks', () => {
    expect(of('a', 'b', 'c\nd')).toEqual(['abc', 'd']);
    expect(of('a\r', '\nb\r', '\n')).toEqual(['a', 'b']);
    expect(of([0xf0, 0x9f], [0x98], [0x80, 0x0a])).toEqual(['😀']);
    expect(of([0xef], [0xbb], [0xbf, 0x61])).toEqual(['a']);
  });

  it('replaces what is not UTF-8', () => {
    expect(of([0x61, 0xff, 0x62, 0x0a, 0xe2, 0x82])).toEqual(['a\ufffdb', '\ufffd']);
    expect(of([0xe2], [0x82], [0x0a])).toEqual(['\ufffd']);
  });

  it('emits a line as soon as its break has come', () => {
    const decoding = lines().create({ limits: { lineBytes: 100 } as never });
    const seen: string[] = [];
    const read = (): void => decoding.read((line) => seen.push(line) > 0);
    decoding.push(utf8('a\nb'));
    read();
    expect(seen).toEqual(['a']);
    decoding.push(utf8('\n'));
    read();
    expect(seen).toEqual(['a', 'b']);
  });

  it('keeps what is not wanted yet, inside a chunk and over queued chunks', () => {
    const body = utf8('a\nb\nc\nd\ne');
    expect(run(lines(), cut(body, [1, 4, 7]), { demands: [0, 0, 1, 2, 1] }).values).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('names the line that is too long, after the lines before it', () => {
    const options = { limits: { lineBytes: 3 } };
    const thrown = 'LimitError: line 3 is too long: more than 3 (limits.lineBytes)';
    expect(run(lines(), [utf8('abc\nab\nabcd\nab\n')], options)).toEqual({ values: ['abc', 'ab'], bad: [], thrown });
    expect(run(lines(), [utf8('abc\nab\nab'), utf8('cd')], options)).toEqual({
      values: ['abc', 'ab'],
      bad: [],
      thrown,
    });
  });

  it('counts bytes, not characters, and no break', () => {
    const options = { limits: { lineBytes: 3 } };
    expect(run(lines(), [utf8('€\n€')], options).values).toEqual(['€', '€']);
    expect(run(lines(), [utf8('€\néé')], options).thrown).toContain('line 2');
  });

  it('refuses an endless line as soon as it is over the limit', () => {
    const decoding = lines().create({ limits: { lineBytes: 100_000 } as never });
    const piece = new Uint8Array(1000).fill(0x61);
    let pushed = 0;
    const feed = (): void => {
      for (; pushed < 10_000; pushed++) {
        decoding.push(piece);
        decoding.read(() => true);
      }
    };
    expect(feed).toThrow('line 1 is too long');
    expect(pushed).toBe(100);
  });
});

describe('lines of any bytes', () => {
  it('are the same however the bytes are cut and however they are asked for', () => {
    fc.assert(
      fc.property(garbage, places, demands, (bytes, at, wanted) => {
        expect(run(lines(), cut(bytes, at), { demands: wanted })).toEqual({ values: expected(bytes), bad: [] });
      }),
      { numRuns: 1000 },
    );
  });

  it('are bounded in the same place however the bytes are cut', () => {
    fc.assert(
      fc.property(garbage, places, demands, fc.nat({ max: 12 }), (bytes, at, wanted, lineBytes) => {
        const outcome = run(lines(), cut(bytes, at), { demands: wanted, limits: { lineBytes } });
        const long = sizes(bytes).findIndex((size) => size > lineBytes);
        expect(outcome.values).toEqual(expected(bytes).slice(0, long < 0 ? undefined : long));
        const thrown = `LimitError: line ${long + 1} is too long: more than ${lineBytes} (limits.lineBytes)`;
        expect(outcome.thrown).toBe(long < 0 ? undefined : thrown);
      }),
      { numRuns: 1000 },
    );
  });

  it('are whole where a chunk of many windows cuts characters', () => {
    const all = Array.from({ length: 9000 }, (_, i) => '€é😀x'.repeat(i % 7) + i);
    const bytes = utf8(all.join('\n'));
    expect(bytes.length).toBeGreaterThan(3 * 65_536);
    expect(run(lines(), [bytes]).values).toEqual(all);
    expect(run(lines(), cut(bytes, [65_537, 100_001, 131_075])).values).toEqual(all);
    const long = '€'.repeat(100_000);
    expect(run(lines(), [utf8(`${long}\nx`)]).values).toEqual([long, 'x']);
  });
});
