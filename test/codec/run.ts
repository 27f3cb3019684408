import fc from 'fast-check';

import type { Decoder, DecoderContext } from '../../lib/codec/decoder.js';
import { isApiError } from '../../lib/core/errors.js';
import { DEFAULT_LIMITS, type Head, type Limits } from '../../lib/core/wire.js';

const encoder = new TextEncoder();

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The head of an answer whose content type is `type`. */
export function headOf(type: string): Head {
  return { status: 200, statusText: 'OK', headers: new Headers({ 'content-type': type }) };
}

export function contextOf(limits: Partial<Limits> = {}, type?: string): DecoderContext {
  const all = { ...DEFAULT_LIMITS, ...limits };
  return type === undefined ? { limits: all } : { limits: all, head: headOf(type) };
}

/** What came out of a body. */
export interface Outcome {
  readonly values: unknown[];
  /** Bad records that the run went on after: their messages. */
  readonly bad: string[];
  /** What it threw, as `name: message`. */
  thrown?: string;
}

export interface RunOptions {
  readonly limits?: Partial<Limits>;
  /** How many values are asked for after each chunk and then until the end, in turn; all of them by default. */
  readonly demands?: readonly number[];
  /** Without it, a bad record ends the run. */
  readonly collect?: boolean;
}

/** Pushes the chunks through one run and reads as the demands say. Foreign errors pass. */
export function run(decoder: Decoder<unknown>, chunks: readonly Uint8Array[], options: RunOptions = {}): Outcome {
  const { demands = [], collect = true } = options;
  const outcome: Outcome = { values: [], bad: [] };
  const context = contextOf(options.limits);
  const decoding = decoder.create(
    collect ? { ...context, invalid: (error) => outcome.bad.push(error.message) } : context,
  );
  let turn = 0;
  const demand = (): number => (demands.length === 0 ? Infinity : demands[turn++ % demands.length]!);
  const read = (wanted: number): boolean => {
    let left = wanted;
    if (left === 0) return true;
    decoding.read((value) => {
      outcome.values.push(value);
      return --left > 0;
    });
    return left === 0;
  };
  try {
    for (const chunk of chunks) {
      decoding.push(chunk);
      read(demand());
    }
    decoding.end();
    for (let more = true; more;) more = read(Math.max(1, demand()));
  } catch (error) {
    if (!isApiError(error)) throw error;
    outcome.thrown = `${error.name}: ${error.message}`;
  }
  return outcome;
}

/** Cuts bytes at the places given, which may be anywhere and in any order. */
export function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b);
  return [...ends, bytes.length].map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
}

/** Places to cut at. */
export const places = fc.array(fc.nat(), { maxLength: 12 });

/** Demands, some of them zero. */
export const demands = fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 6 });

/** Bytes that are text for the most part: breaks, marks, characters of all sizes, and what is not UTF-8. */
export const garbage: fc.Arbitrary<Uint8Array> = fc
  .array(
    fc.oneof(
      fc
        .constantFrom('\n', '\r\n', '\r', '\ufeff', '\u2028', '\u0085', '\0', ' ', '{"a":1}', '[1,"é"]', 'null', '-0')
        .map(utf8),
      fc.string({ unit: 'binary', maxLength: 6 }).map(utf8),
      fc.json({ maxDepth: 2 }).map((text) => utf8(`${text}\n`)),
      fc.uint8Array({ maxLength: 4 }),
      fc
        .constantFrom([0xe2, 0x82], [0xf0, 0x9f, 0x98], [0xc3], [0x80], [0xed, 0xa0, 0x80], [0xff])
        .map((b) => Uint8Array.from(b)),
    ),
    { maxLength: 24 },
  )
  .map((pieces) => Uint8Array.from(pieces.flatMap((piece) => [...piece])));
