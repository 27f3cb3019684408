import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';

import type { Decoder } from '../../lib/codec/decoder.js';
import { sse } from '../../lib/codec/sse.js';
import type { SseContext, SseEvent } from '../../lib/codec/sse-types.js';
import { ConfigError } from '../../lib/core/errors.js';
import { contextOf, cut, demands, garbage, places, run, utf8 } from './run.js';
import { corpus, type SseCase } from './sse-corpus.js';
import { parseBySteps, type Parsed } from './sse-model.js';

/** Reads chunks, all that is ready after each, and notes what the run tells. */
function parse(chunks: readonly Uint8Array[], wanted = Infinity): Parsed {
  const seen: Parsed = { events: [], retries: [], comments: [], ids: [] };
  const context: SseContext = {
    ...contextOf(),
    id: (id) => void seen.ids.push(id),
    retry: (ms) => void seen.retries.push(ms),
    comment: (text) => void seen.comments.push(text),
  };
  const reading = sse().create(context);
  const read = (): void => {
    for (let more = true; more;) {
      let left = wanted;
      more = false;
      reading.read((event) => {
        seen.events.push(event);
        more = --left <= 0;
        return !more;
      });
    }
  };
  for (const chunk of chunks) {
    reading.push(chunk);
    read();
  }
  reading.end();
  read();
  return seen;
}

const bytesOf = ({ body }: SseCase): Uint8Array => (typeof body === 'string' ? utf8(body) : Uint8Array.from(body));
const expectedOf = ({ events, retries = [], comments = [], ids = [] }: SseCase): Parsed => ({
  events: events.map(([data, type = 'message', lastEventId = '']) => ({ type, data, lastEventId })),
  retries: [...retries],
  comments: [...comments],
  ids: [...ids],
});

describe('sse', () => {
  describe.each(corpus)('$rule', (one) => {
    const bytes = bytesOf(one);
    const expected = expectedOf(one);

    it('whole', () => expect(parse([bytes])).toEqual(expected));

    it('at every split in two', () => {
      for (let at = 0; at <= bytes.length; at++) {
        expect(parse([bytes.subarray(0, at), bytes.subarray(at)]), `split at ${at}`).toEqual(expected);
      }
    });

    it('byte by byte, one event at a time', () => {
      const single = Array.from(bytes, (_, i) => bytes.subarray(i, i + 1));
      expect(parse(single)).toEqual(expected);
      expect(parse(single, 1)).toEqual(expected);
    });
  });

  it('agrees with the steps of the standard on any bytes, however they are cut and asked for', () => {
    const piece = fc.oneof(
      fc
        .constantFrom('data', 'data:', 'event:', 'id:', 'retry:', ':', ' ', '\n', '\r', '\r\n', '\n\n', 'x', '7')
        .map(utf8),
      garbage,
    );
    const body = fc.array(piece, { maxLength: 40 }).map((list) => Uint8Array.from(list.flatMap((one) => [...one])));
    fc.assert(
      fc.property(body, places, fc.integer({ min: 1, max: 3 }), (bytes, at, wanted) => {
        expect(parse(cut(bytes, at), wanted)).toEqual(parseBySteps(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  it('gives the same for chunks longer than its windows', () => {
    const event = (i: number): string => `id: ${i}\nevent: é${i % 7}\ndata: ${'λόρεμ '.repeat(i % 50)}\ndata: ${i}\n\n`;
    const bytes = utf8(Array.from({ length: 2000 }, (_, i) => event(i)).join(''));
    const expected = parseBySteps(bytes);
    for (const size of [1000, 4097, 65_536, bytes.length]) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      );
      expect(parse(chunks)).toEqual(expected);
    }
  });

  it('delivers an event with the byte that ends it', () => {
    for (const end of ['\n\n', '\r\r', '\n\r']) {
      const reading = sse().create(contextOf());
      const seen: SseEvent[] = [];
      reading.push(utf8(`data: a${end}`));
      reading.read((event) => seen.push(event) > 0);
      expect(seen).toHaveLength(1);
    }
  });

  it('says whether an event has begun', () => {
    for (const [text, isWithin] of [
      ['data:a\n\n', false],
      ['data:a\n', true],
      ['data:a\n\nda', true],
      ['', false],
    ] as const) {
      const reading = sse().create(contextOf());
      reading.push(utf8(text));
      reading.read(() => true);
      expect(reading.isWithin).toBe(isWithin);
    }
  });

  it('goes on from an id that it is given', () => {
    const reading = sse().create({ ...contextOf(), lastEventId: '41' });
    const seen: SseEvent[] = [];
    reading.push(utf8('data:a\n\nid:42\ndata:b\n\n'));
    reading.read((event) => seen.push(event) > 0);
    expect(seen.map(({ lastEventId }) => lastEventId)).toEqual(['41', '42']);
  });

  it('stops at a terminator, which it leaves out', () => {
    let ended = 0;
    const context: SseContext = { ...contextOf(), terminator: '[DONE]', terminated: () => void ended++ };
    const reading = sse('json').create(context);
    const seen: SseEvent<unknown>[] = [];
    reading.push(utf8('data:1\n\ndata:[DONE]\n\ndata:2\n\n'));
    for (let i = 0; i < 2; i++) reading.read((event) => seen.push(event) > 0);
    expect([seen.map(({ data }) => data), ended]).toEqual([[1], 1]);
  });
});

describe('the data of sse', () => {
  const body = [utf8('event:tick\ndata:{"n":1}\n\nevent:note\ndata:hi\n\ndata:{"n":"x"}\n\nevent:tick\ndata:{\n\n')];
  const tick = z.object({ n: z.number() });

  it('is JSON where that is asked for, and a fault is named', () => {
    const { values, bad } = run(sse('json'), body);
    expect(values).toEqual([
      { type: 'tick', data: { n: 1 }, lastEventId: '' },
      { type: 'message', data: { n: 'x' }, lastEventId: '' },
    ]);
    expect(bad).toEqual([
      expect.stringContaining('record 2 is not JSON'),
      expect.stringContaining('record 4 is not JSON'),
    ]);
  });

  it('ends the run at a fault, where nobody takes it', () => {
    const { values, thrown } = run(sse('json'), body, { collect: false });
    expect(values).toHaveLength(1);
    expect(thrown).toContain('DecodeError: record 2');
  });

  it('leaves out events that a record does not list, and tells their ids', () => {
    const ids: string[] = [];
    const reading = sse({ note: 'text' }).create({ ...contextOf(), id: (id) => void ids.push(id) });
    const seen: SseEvent[] = [];
    reading.push(utf8('id:1\nevent:tick\ndata:x\n\nid:2\nevent:note\ndata:hi\n\nid:3\ndata:y\n\n'));
    reading.read((event) => seen.push(event) > 0);
    expect(seen).toEqual([{ type: 'note', data: 'hi', lastEventId: '2' }]);
    expect(ids).toEqual(['1', '3']);
  });

  it('is checked by the schema of its event', async () => {
    const validate = sse({ tick, note: 'text' }).schema!['~standard'].validate;
    expect(await validate({ type: 'tick', data: { n: 1, more: 2 }, lastEventId: '7' })).toEqual({
      value: { type: 'tick', data: { n: 1 }, lastEventId: '7' },
    });
    expect(await validate({ type: 'note', data: 'hi', lastEventId: '' })).toMatchObject({ value: { data: 'hi' } });
    expect(await validate({ type: 'tick', data: { n: 'x' }, lastEventId: '' })).toMatchObject({
      issues: [{ path: ['data', 'n'] }],
    });
    const later = z.object({ n: z.number().refine(async () => true) });
    const checked = sse(later).schema!['~standard'].validate({ type: 'message', data: { n: 2 }, lastEventId: '' });
    expect(checked).toBeInstanceOf(Promise);
    expect(await checked).toMatchObject({ value: { data: { n: 2 } } });
  });

  it('is typed by the name of the event', () => {
    expectTypeOf(sse()).toExtend<Decoder<SseEvent<string>>>();
    expectTypeOf(sse<number>('json')).toExtend<Decoder<SseEvent<number>>>();
    expectTypeOf(sse(tick)).toExtend<Decoder<SseEvent<{ n: number }>>>();
    expectTypeOf(sse({ tick, note: 'text', raw: 'json' })).toExtend<
      Decoder<SseEvent<{ n: number }, 'tick'> | SseEvent<string, 'note'> | SseEvent<unknown, 'raw'>>
    >();
  });

  it('comes in the order of the demands', () => {
    fc.assert(
      fc.property(places, demands, (at, wanted) => {
        const bytes = utf8('data:1\n\ndata:2\n\n:x\ndata:3\n\ndata:4\n\n');
        expect(run(sse('json'), cut(bytes, at), { demands: wanted }).values).toMatchObject(
          [1, 2, 3, 4].map((data) => ({ data })),
        );
      }),
    );
  });

  it('refuses what it does not know, and names it', () => {
    expect(() => sse('xml' as 'text')).toThrow(
      new ConfigError(
        'sse(data)',
        "give 'text', 'json' or a Standard Schema, or a record of event names with one of these",
      ),
    );
    expect(() => sse({ tick: 'xml' as 'text' })).toThrow(/sse\(data\)\.tick/);
    expect(() => sse('text', { onInvalid: 'drop' as 'skip' })).toThrow(/sse\.onInvalid/);
  });
});

describe('the limit of sse', () => {
  const limited = (text: string, lineBytes: number, size = Infinity) => {
    const bytes = utf8(text);
    const step = Math.min(size, bytes.length);
    const chunks = Array.from({ length: Math.ceil(bytes.length / step) }, (_, i) =>
      bytes.subarray(i * step, (i + 1) * step),
    );
    return run(sse(), chunks, { limits: { lineBytes } });
  };

  it.each([Infinity, 200, 7, 1])('counts bytes of a line, in chunks of %s', (size) => {
    for (const letter of ['a', 'é', '世', '😀']) {
      const line = `data:${letter.repeat(300)}`;
      const bytes = utf8(line).length;
      expect(limited(`data:1\n\n${line}\n\n`, bytes, size)).toMatchObject({ values: [{}, {}] });
      const { values, thrown } = limited(`data:1\n\n${line}\n\n`, bytes - 1, size);
      expect(values).toHaveLength(1);
      expect(thrown).toBe(`LimitError: event 2: a line is too long: more than ${bytes - 1} (limits.lineBytes)`);
    }
  });

  it('refuses a line without an end as soon as it is too long', () => {
    for (const start of ['data:', ':', 'foo', 'id:']) {
      const reading = sse().create(contextOf({ lineBytes: 1000 }));
      const pushed = (): void => {
        for (let i = 0; i < 20; i++) {
          reading.push(utf8(i === 0 ? start : 'x'.repeat(100)));
          reading.read(() => true);
        }
      };
      expect(pushed).toThrow(/a line is too long/);
    }
  });

  it.each([Infinity, 50])('counts the bytes of all lines of data, in chunks of %s', (size) => {
    const lines = `${'data:é\n'.repeat(100)}\n`;
    expect(limited(lines, 299, size)).toMatchObject({ values: [{}] });
    expect(limited(lines, 298, size).thrown).toContain('event 1: its data is too long');
  });

  it('takes time in proportion to the lines of an event', () => {
    const lines = (count: number): number => {
      const began = process.cpuUsage();
      expect(limited(`${'data:x\n'.repeat(count)}\n`, 10_000_000).values).toHaveLength(1);
      return process.cpuUsage(began).user;
    };
    lines(20_000);
    expect(lines(200_000)).toBeLessThan(2_000_000);
  });
});
