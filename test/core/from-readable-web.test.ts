import { describe, expect, expectTypeOf, it } from 'vitest';

import type { Flow } from '../../lib/core/flow.js';
import { fromReadable } from '../../lib/core/from-readable.js';
import { probe, quiet } from '../../lib/testing/flow-probe.js';
import { obeysTheFlowRules } from '../../lib/testing/flow-rules.js';
import { gc } from '../support/gc.js';

/** A web stream of 1 to `count` that makes a value only when one is asked for. */
function upTo(count: number, error?: unknown): ReadableStream<number> {
  let sent = 0;
  return new ReadableStream<number>(
    {
      pull(controller) {
        if (sent < count) return controller.enqueue(++sent);
        if (error) controller.error(error);
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

describe('fromReadable of a web stream', () => {
  const failing = (error: unknown) => fromReadable(() => upTo(1, error));
  obeysTheFlowRules((count) => fromReadable(() => upTo(count)), { it, expect, gc, failing });

  it('asks the stream for nothing that is not asked for', async () => {
    let pulls = 0;
    const pull = (controller: ReadableStreamDefaultController<number>) => controller.enqueue(++pulls);
    const one = probe(
      fromReadable(() => new ReadableStream({ pull }, { highWaterMark: 0 })),
      2,
    );
    await one.has(2);
    await quiet();
    expect(pulls).toBe(2);
    one.cancel();
  });

  it('cancels the stream, also while a read is pending', async () => {
    let cancelled = 0;
    const one = probe(
      fromReadable(() => new ReadableStream({ cancel: () => void cancelled++ })),
      1,
    );
    one.cancel();
    await quiet();
    expect([cancelled, one.calls]).toEqual([1, ['onSubscribe']]);
  });

  it('lets nobody hear of a cancel that fails', async () => {
    const cancel = () => Promise.reject(new Error('late'));
    const one = probe(
      fromReadable(() => new ReadableStream({ cancel })),
      1,
    );
    one.cancel();
    await quiet();
    expect(one.calls).toEqual(['onSubscribe']);
  });

  it('leaves a stream alone that is over', async () => {
    let cancelled = 0;
    const source = { start: (c: ReadableStreamDefaultController<number>) => c.close(), cancel: () => void cancelled++ };
    const one = probe(
      fromReadable(() => new ReadableStream<number>(source)),
      1,
    );
    await one.ended();
    expect([one.ending, cancelled]).toEqual(['complete', 0]);
  });

  it('passes an error on as the same object', async () => {
    const lost = { not: 'an Error' };
    const one = probe(
      fromReadable(() => upTo(1, lost)),
      5,
    );
    await one.ended();
    expect([one.values, one.error === lost]).toEqual([[1], true]);
  });

  it('fails with a TypeError when the stream is locked', () => {
    const stream = upTo(1);
    stream.getReader();
    expect(
      probe(
        fromReadable(() => stream),
        1,
      ).error,
    ).toBeInstanceOf(TypeError);
  });

  it('reads the body of a Response', async () => {
    const received: Uint8Array[] = [];
    for await (const chunk of fromReadable(() => new Response('Oslo').body!)) received.push(chunk);
    expect(Buffer.concat(received).toString()).toBe('Oslo');
  });

  it('knows the type of the chunks', () => {
    expectTypeOf(fromReadable(() => new ReadableStream<string>())).toEqualTypeOf<Flow<string>>();
    expectTypeOf(fromReadable<number>(() => process.stdin)).toEqualTypeOf<Flow<number>>();
    expectTypeOf(fromReadable(() => process.stdin)).toEqualTypeOf<Flow<Uint8Array>>();
  });
});
