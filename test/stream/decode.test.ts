import { mkdtempSync, rmSync, createReadStream, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';

import { concat, from, map, of, throwError, toArray } from 'rxjs';
import { afterAll, describe, expect, it } from 'vitest';

import type { Decoder } from '../../lib/codec/decoder.js';
import { json } from '../../lib/codec/json.js';
import { jsonSeq } from '../../lib/codec/json-seq.js';
import { lines } from '../../lib/codec/lines.js';
import { ndjson } from '../../lib/codec/ndjson.js';
import { sse } from '../../lib/codec/sse.js';
import { text } from '../../lib/codec/text.js';
import { FLOW, Flow, FLOW_OPERATOR, type FlowOperator } from '../../lib/core/flow.js';
import { NetworkError } from '../../lib/core/errors.js';
import { fromIterable } from '../../lib/core/from-iterable.js';
import { fromObservable } from '../../lib/core/from-observable.js';
import { fromReadable } from '../../lib/core/from-readable.js';
import { through } from '../../lib/core/through.js';
import { decode, type DecodeOptions } from '../../lib/stream/decode.js';
import { probe, Probe } from '../../lib/testing/flow-probe.js';
import { obeysTheOperatorLaws } from '../../lib/testing/laws.js';
import { operatorObeysTheFlowRules } from '../../lib/testing/operator-rules.js';
import { deadline } from '../../operators/deadline.js';
import { retryBackoff } from '../../operators/retry-backoff.js';
import { gc } from '../support/gc.js';
import { marble } from '../support/marble.js';
import { all, failure, outcome } from '../support/outcome.js';

const encoder = new TextEncoder();
const bytesOf = (content: string): Uint8Array => encoder.encode(content);

/** A line for each number, read again. */
const asLines = (): FlowOperator<number, unknown> => {
  const toBytes = through(map((n: number) => bytesOf(`${n}\n`)));
  const decoded = decode(ndjson());
  return Object.assign((source: Flow<number>) => decoded(toBytes(source)), {
    [FLOW_OPERATOR]: true,
  }) as unknown as FlowOperator<number, unknown>;
};

/** A source that counts the chunks that were asked for. */
function counted(chunks: readonly string[]): { readonly flow: Flow<Uint8Array>; readonly taken: () => number } {
  let taken = 0;
  function* give(): Generator<Uint8Array> {
    for (const chunk of chunks) {
      taken++;
      yield bytesOf(chunk);
    }
  }
  return { flow: fromIterable(give()), taken: () => taken };
}

const pieces = (content: string, size: number): Uint8Array[] => {
  const bytes = bytesOf(content);
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => bytes.slice(n * size, (n + 1) * size));
};

describe('decode', () => {
  obeysTheOperatorLaws(() => asLines(), { it, expect });
  operatorObeysTheFlowRules(() => asLines(), { it, expect, gc });

  it.each<[string, Decoder<unknown>, string, unknown[]]>([
    [
      'sse',
      sse('json'),
      ': hello\n\nid: 1\ndata: {"n":1}\n\ndata: 2\n\ndata: 3',
      [
        { type: 'message', data: { n: 1 }, lastEventId: '1' },
        { type: 'message', data: 2, lastEventId: '1' },
      ],
    ],
    ['jsonSeq', jsonSeq(), '\u001e{"n":1}\n\u001e[2]\n', [{ n: 1 }, [2]]],
    ['ndjson', ndjson(), '1\n\n"é"\n3', [1, 'é', 3]],
    ['lines', lines(), 'a\r\n\nb', ['a', '', 'b']],
    ['json', json(), '{"n":[1,2]}', [{ n: [1, 2] }]],
    ['text', text(), 'größer', ['größer']],
  ])('reads %s, wherever the chunks end', async (_name, decoder, content, values) => {
    for (const size of [1, 2, 3, 7, 1000]) {
      expect(await all(fromIterable(pieces(content, size)).via(decode(decoder)))).toEqual(values);
    }
  });

  it('asks for a chunk when those before it are used up, and for no other', () => {
    const { flow, taken } = counted(['1\n2\n3\n', '4', '5\n', '6\n']);
    const below = probe(flow.via(decode(ndjson())));
    expect(taken()).toBe(0);
    below.request(2);
    expect([below.values, taken()]).toEqual([[1, 2], 1]);
    below.request(1);
    expect([below.values, taken()]).toEqual([[1, 2, 3], 1]);
    below.request(1);
    expect([below.values, taken()]).toEqual([[1, 2, 3, 45], 3]);
    below.request(5);
    expect([below.values, below.ending]).toEqual([[1, 2, 3, 45, 6], 'complete']);
  });

  it('asks for one chunk at a time, however often it is asked', () => {
    const asked: number[] = [];
    const demand = { request: (n: number) => void asked.push(n), cancel: () => undefined };
    const source = new Flow<Uint8Array>({ subscribe: (to) => to.onSubscribe(demand) });
    const below = probe(source.via(decode(ndjson())));
    for (let n = 0; n < 3; n++) below.request(5);
    expect(asked).toEqual([1]);
  });

  it('does not nest chunks that come at once', async () => {
    const many = Array.from({ length: 20_000 }, (_, n) => `${n}\n`);
    expect(await all(counted(many).flow.via(decode(ndjson())))).toHaveLength(20_000);
    expect(await all(counted(['[', ...many.slice(1).map(() => '1,'), '1]']).flow.via(decode(json())))).toHaveLength(1);
  });

  it('completes without another request when nothing is left', () => {
    const below = probe(counted(['1\n2\n']).flow.via(decode(ndjson())));
    below.request(2);
    expect([below.values, below.ending]).toEqual([[1, 2], undefined]);
    below.request(1);
    expect(below.ending).toBe('complete');
  });

  it('sends what was decoded before the source broke, then its error', async () => {
    const lost = new Error('lost');
    const broken$ = concat(
      of(bytesOf('1\n2\n3\n4')),
      throwError(() => lost),
    );
    const flow = fromObservable(broken$, { capacity: 10, overflow: 'error' }).via(decode(ndjson()));
    expect(await outcome(flow)).toEqual({ values: [1, 2, 3], error: lost });
    const below = probe(broken$.pipe(decode(ndjson())) as Flow<unknown>);
    below.request(1);
    expect([below.values, below.ending]).toEqual([[1], undefined]);
    below.request(2);
    expect([below.values, below.ending]).toEqual([[1, 2, 3], undefined]);
    below.request(1);
    expect(below.error).toBe(lost);
  });

  marble('lets those above it know of a deadline below', (t) => {
    const asks = new NetworkError('come back later', 'receive', { retryAfterMs: 20 });
    const source = t.cold<Uint8Array>('---#', undefined, asks);
    const again = retryBackoff<Uint8Array>({ attempts: Infinity, backoff: () => 1, clock: t.clock });

    // There is no time left for another attempt, so that its error passes at once.
    const result = source.pipe(again, decode(ndjson()), deadline({ totalMs: 10, clock: t.clock }));
    t.expectObservable(result).toBe('---#', undefined, asks);
  });

  it('fits the pipe of a plain Observable', async () => {
    expect(await all(from([bytesOf('1\n'), bytesOf('2\n')]).pipe(decode(ndjson()), toArray()))).toEqual([[1, 2]]);
  });
});

describe('schemas and bad records of decode', () => {
  const even = (isSlow: boolean) => ({
    '~standard': {
      version: 1 as const,
      vendor: 'test',
      validate: (value: unknown) => {
        const result = (value as number) % 2 === 0 ? { value: value as number } : { issues: [{ message: 'odd' }] };
        return isSlow ? Promise.resolve(result) : result;
      },
    },
  });
  const numbers = Array.from({ length: 50 }, (_, n) => `${n}\n`);

  it.each([true, false])('are those of a call, with a schema that is slow: %s', async (isSlow) => {
    for (const chunks of [numbers, [numbers.join('')]]) {
      const skipping = counted(chunks).flow.via(decode(ndjson(even(isSlow), { onInvalid: 'skip' })));
      expect(await all(skipping)).toEqual(Array.from({ length: 25 }, (_, n) => 2 * n));
      const collecting = counted(chunks).flow.via(decode(ndjson(even(isSlow))));
      const { values, error } = await outcome(collecting);
      expect(values).toHaveLength(25);
      expect((error as Error).message).toContain('25 records cannot be used, the first: record 2');
      const failing = counted(chunks).flow.via(decode(ndjson(even(isSlow), { onInvalid: 'fail' })));
      expect(await outcome(failing)).toMatchObject({ values: [0], error: { kind: 'schema' } });
    }
  });

  it('hold demand while a slow schema waits, one value at a time', async () => {
    const { flow, taken } = counted(['0\n2\n', '4\n']);
    const below = probe(flow.via(decode(ndjson(even(true)))));
    below.request(1);
    await turn();
    expect([below.values, taken()]).toEqual([[0], 1]);
    below.request(2);
    await turn();
    expect([below.values, taken()]).toEqual([[0, 2, 4], 2]);
  });

  it('send no value from within another, with a schema that is slow now and then', async () => {
    const validate = (value: unknown) =>
      value === 0 ? Promise.resolve({ value: value as number }) : { value: value as number };
    const schema = { '~standard': { version: 1 as const, vendor: 'test', validate } };
    const flow = counted(['0\n1\n2\n', '3\n']).flow.via(decode(ndjson(schema)));
    const below = new Probe<number>(
      ({ demand }) => demand!.request(1),
      ({ demand }) => demand!.request(1),
    );
    flow[FLOW].subscribe(below);
    await turn();
    expect([below.values, below.deepest, below.ending]).toEqual([[0, 1, 2, 3], 1, 'complete']);
  });

  it('tell of nothing after the subscriber has left', async () => {
    const below = probe(counted(['0\n2\n']).flow.via(decode(ndjson(even(true)))));
    below.request(1);
    below.demand!.cancel();
    await turn();
    expect(below.calls).toEqual(['onSubscribe']);
  });
});

describe('the limits of decode', () => {
  const over = (decoder: Decoder<unknown>, content: string, options?: DecodeOptions) =>
    failure(fromIterable(pieces(content, 65_536)).via(decode(decoder, options)));

  it('are those of a call', async () => {
    const mega = 'x'.repeat(1_048_577);
    expect(await over(lines(), mega)).toMatchObject({ kind: 'limit', which: 'lineBytes', limit: 1_048_576 });
    expect(await over(sse(), `data: ${mega}${mega}`)).toMatchObject({ kind: 'limit', which: 'lineBytes' });
    expect(await over(jsonSeq(), `\u001e"${mega}`)).toMatchObject({ kind: 'limit', which: 'lineBytes' });
    expect(await over(text(), mega.repeat(11))).toMatchObject({ kind: 'limit', which: 'bodyBytes' });
  });

  it('may be set, and leave the source when one is passed', async () => {
    expect(await over(lines(), 'abcd', { limits: { lineBytes: 3 } })).toMatchObject({ limit: 3 });
    const { flow, taken } = counted(['abcd', 'e', 'f']);
    expect(await failure(flow.via(decode(text(), { limits: { bodyBytes: 3 } })))).toMatchObject({ limit: 3 });
    expect(taken()).toBe(1);
  });
});

describe('what decode refuses', () => {
  it.each<[string, () => unknown]>([
    ['decode.decoder', () => decode('ndjson' as never)],
    ['decode.lineBytes', () => decode(lines(), { lineBytes: 1 } as never)],
    ['limits.lineBytes', () => decode(lines(), { limits: { lineBytes: -1 } })],
  ])('%s', (field, make) => {
    expect(make).toThrowError(expect.objectContaining({ kind: 'config', field }));
  });

  it.each([['text'], [new ArrayBuffer(1)], [new Uint16Array(1)], [[1]]])(
    'is a chunk that is no bytes: %j',
    async (chunk) => {
      const flow = fromIterable([chunk]) as Flow<never>;
      expect(await failure(flow.via(decode(lines())))).toMatchObject({ kind: 'config', field: 'decode' });
    },
  );

  it('passes what a decoder throws, through the Flow', async () => {
    const lost = new Error('planted');
    const broken: Decoder<never> = {
      accept: '',
      many: true,
      create() {
        throw lost;
      },
    };
    expect((await outcome(fromIterable([bytesOf('x')]).via(decode(broken)))).error).toBe(lost);
  });
});

describe('decode of files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const content = Array.from({ length: 30_000 }, (_, n) => `id: ${n}\ndata: {"n":${n}}\n\n`).join('');

  it('reads one by createReadStream, and no further than is wanted', async () => {
    const path = join(folder, 'events.sse');
    writeFileSync(path, content);
    const events$ = fromReadable(() => createReadStream(path)).via(decode(sse<{ n: number }>('json')));
    let next = 0;
    for await (const { data } of events$) expect(data.n).toBe(next++);
    expect(next).toBe(30_000);

    const file = createReadStream(path);
    const few = fromReadable(() => file).via(decode(sse()));
    for await (const { lastEventId } of few) if (lastEventId === '3') break;
    expect(file.destroyed).toBe(true);
    expect(file.bytesRead).toBeLessThan(4 * 65_536);
  });

  it('reads a Blob, and can do it twice', async () => {
    const blob = new Blob([content]);
    const events$ = fromReadable<Uint8Array>(() => blob.stream() as never).via(decode(sse('json')));
    for (const _ of ['once', 'twice']) expect((await all(events$)).at(-1)).toMatchObject({ data: { n: 29_999 } });
  });
});
