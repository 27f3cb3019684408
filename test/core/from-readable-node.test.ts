import { Readable } from 'node:stream';

import { describe, expect, it } from 'vitest';

import { NetworkError } from '../../lib/core/errors.js';
import { fromReadable } from '../../lib/core/from-readable.js';
import { probe, quiet, until } from '../../lib/testing/flow-probe.js';
import { obeysTheFlowRules } from '../../lib/testing/flow-rules.js';
import { gc } from '../support/gc.js';

function* upTo(count: number, error?: unknown): Generator<number> {
  for (let n = 1; n <= count; n++) yield n;
  if (error) throw error;
}

/** An object stream that counts what it is asked for. */
function counting(highWaterMark: number): { readonly stream: Readable; read(): number } {
  let read = 0;
  const stream = new Readable({
    objectMode: true,
    highWaterMark,
    read() {
      this.push(++read);
    },
  });
  return { stream, read: () => read };
}

const idle = (): Readable => new Readable({ read: () => undefined });

describe('fromReadable of a Node stream', () => {
  const failing = (error: unknown) => fromReadable(() => Readable.from(upTo(1, error)));
  obeysTheFlowRules((count) => fromReadable<number>(() => Readable.from(upTo(count))), { it, expect, gc, failing });

  it('makes a stream per subscription, at its first request', async () => {
    let made = 0;
    const flow = fromReadable<number>(() => (made++, Readable.from(upTo(1))));
    probe(flow);
    const [one, other] = [probe(flow, 2), probe(flow, 2)];
    await one.ended();
    await other.ended();
    expect([one.values, other.values, made]).toEqual([[1], [1], 2]);
  });

  it('holds the stream back: it reads ahead by its own high-water mark and no more', async () => {
    const { stream, read } = counting(4);
    const one = probe(
      fromReadable<number>(() => stream),
      3,
    );
    await one.has(3);
    await quiet();
    expect(one.values).toEqual([1, 2, 3]);
    expect(read()).toBeLessThanOrEqual(3 + 4 + 1);
    one.request(100);
    await one.has(103);
    expect(read()).toBeLessThanOrEqual(103 + 4 + 1);
    one.cancel();
  });

  it('brings every byte of a stream in byte mode, in order', async () => {
    const pieces = Array.from({ length: 50 }, (_, n) => Buffer.alloc(n * 97, n));
    const flow = fromReadable(() => Readable.from(pieces, { objectMode: false }));
    const received: Uint8Array[] = [];
    for await (const chunk of flow) received.push(chunk);
    expect(Buffer.concat(received).equals(Buffer.concat(pieces))).toBe(true);
  });

  it('brings strings where the stream has an encoding', async () => {
    const one = probe(
      fromReadable<string>(() => Readable.from([Buffer.from('Oslo')], { objectMode: false }).setEncoding('utf8')),
      5,
    );
    await one.ended();
    expect(one.values.join('')).toBe('Oslo');
  });

  it('destroys the stream when it is cancelled, and leaves no listener but one for late errors', async () => {
    const stream = idle();
    const one = probe(
      fromReadable(() => stream),
      1,
    );
    one.cancel();
    expect(stream.destroyed).toBe(true);
    expect(stream.eventNames()).toEqual(['error']);
    stream.emit('error', new Error('late'));
    await quiet();
    expect(one.calls).toEqual(['onSubscribe']);
  });

  it('does not destroy a stream that has ended: its other half may still write', async () => {
    const stream = Readable.from(upTo(1), { autoDestroy: false });
    const one = probe(
      fromReadable(() => stream),
      2,
    );
    await one.ended();
    expect([one.ending, stream.destroyed]).toEqual(['complete', false]);
  });

  it('passes an error on as the same object, without waiting for demand', async () => {
    const lost = new Error('lost');
    const stream = counting(1).stream;
    const one = probe(
      fromReadable(() => stream),
      1,
    );
    await one.has(1);
    stream.destroy(lost);
    await one.ended();
    expect(one.error).toBe(lost);
  });

  it('fails with a NetworkError when the stream closes before its end', async () => {
    const stream = idle();
    const one = probe(
      fromReadable(() => stream),
      1,
    );
    stream.destroy();
    await one.ended();
    expect(one.error).toBeInstanceOf(NetworkError);
    expect(one.error).toMatchObject({ phase: 'receive', message: 'fromReadable: the stream closed before its end' });
  });

  it.each<[state: string, prepare: (stream: Readable) => void, outcome: unknown]>([
    ['has ended', (stream) => stream.push(null), ['complete', undefined]],
    ['has failed', (stream) => stream.destroy(new Error('lost')), ['error', 'lost']],
    ['was destroyed', (stream) => stream.destroy(), ['error', 'fromReadable: the stream closed before its end']],
  ])('ends over a stream that %s before it came', async (_, prepare, outcome) => {
    const stream = idle();
    let closed = false;
    stream.on('error', () => undefined).on('close', () => (closed = true));
    prepare(stream);
    stream.resume();
    await until(() => closed);
    const one = probe(
      fromReadable(() => stream),
      1,
    );
    await one.ended();
    expect([one.ending, (one.error as Error | undefined)?.message]).toEqual(outcome);
  });

  it('fails with what make throws, and with a ConfigError when it makes no stream', () => {
    const lost = new Error('lost');
    const throwing = probe(
      fromReadable(() => {
        throw lost;
      }),
      1,
    );
    const wrong = probe(
      fromReadable(() => ({}) as never),
      1,
    );
    expect(throwing.error).toBe(lost);
    expect(wrong.error).toMatchObject({
      kind: 'config',
      message: 'make: return a Node stream or a web ReadableStream',
    });
  });
});
