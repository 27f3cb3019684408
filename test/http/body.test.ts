import { Readable } from 'node:stream';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { readBody } from '../../lib/http/body.js';

const refused = (field = 'body'): object => expect.objectContaining({ kind: 'config', field }) as object;

describe('readBody', () => {
  it('writes any JSON value as JSON does', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const { body, type } = readBody(value, false);
        if (typeof value === 'string') expect([body, type]).toEqual([value, 'text/plain;charset=UTF-8']);
        else
          expect([JSON.parse(body as string), type]).toEqual([JSON.parse(JSON.stringify(value)), 'application/json']);
      }),
    );
  });

  it('hands bytes on as they are, whatever window they are seen through', () => {
    const buffer = Uint8Array.from({ length: 16 }, (_, i) => i).buffer;
    const views = [
      new Uint8Array(buffer, 4, 8),
      new Uint16Array(buffer, 4, 4),
      new DataView(buffer, 4, 8),
      new Float64Array(buffer, 8, 1),
    ];
    for (const view of views) {
      const { body, bytes } = readBody(view, false);
      expect(body).toBeInstanceOf(Uint8Array);
      expect((body as Uint8Array).byteOffset).toBe(view.byteOffset);
      expect([(body as Uint8Array).byteLength, bytes]).toEqual([view.byteLength, view.byteLength]);
    }
    for (const whole of [buffer, new SharedArrayBuffer(16)]) expect(readBody(whole, false).bytes).toBe(16);
  });

  it('knows a kind by what it is, not by what it has', () => {
    for (const pretends of [
      { getHeaders: 1, append: 1 },
      { size: 1, type: 'a/b' },
      { byteLength: 4, buffer: 1 },
      { pipe: 1 },
    ]) {
      expect(readBody(pretends, false)).toMatchObject({ body: JSON.stringify(pretends), type: 'application/json' });
    }
  });

  it('takes streams from functions only', () => {
    const streams = [new ReadableStream(), (async function* () {})(), { [Symbol.asyncIterator]: () => {} }];
    for (const stream of streams) {
      expect(() => readBody(stream, false)).toThrowError(refused() as Error);
      expect(readBody(stream, true)).toEqual({ body: stream, type: 'application/octet-stream', bytes: undefined });
    }
  });

  it('refuses a stream that was sent before, which would be empty now', () => {
    const streams = [new ReadableStream(), (async function* () {})(), Readable.from([])];
    for (const stream of streams) {
      readBody(stream, true);
      expect(() => readBody(stream, true)).toThrowError(/sent before/);
    }
    const again = { async *[Symbol.asyncIterator]() {} };
    expect([readBody(again, true).body, readBody(again, true).body]).toEqual([again, again]);
  });

  it('keeps the type of a blob, where it is one', () => {
    expect(readBody(new Blob(['abc'], { type: 'text/css' }), false)).toMatchObject({ type: 'text/css', bytes: 3 });
    expect(readBody(new Blob(['abc']), false)).toMatchObject({ type: undefined, bytes: 3 });
    const evil = { [Symbol.toStringTag]: 'File', size: 1, type: 'a\r\nb: c' };
    expect(() => readBody(evil, false)).toThrowError(refused('body.content-type') as Error);
  });

  it.each([
    [undefined],
    [() => 1],
    [Symbol('x')],
    [1n],
    [{ a: 1n }],
    [new Map()],
    [new WeakSet()],
    [/x/],
    [Promise.resolve()],
  ])('refuses what JSON cannot write (%#)', (value) => {
    expect(() => readBody(value, true)).toThrowError(refused() as Error);
  });

  it('keeps what toJSON threw as the cause', () => {
    const mine = new Error('mine');
    const thrower = {
      toJSON() {
        throw mine;
      },
    };
    expect(() => readBody(thrower, false)).toThrowError(expect.objectContaining({ kind: 'config', cause: mine }));
    class Listed extends Map<string, number> {
      toJSON(): unknown {
        return [...this];
      }
    }
    expect(readBody(new Listed([['a', 1]]), false).body).toBe('[["a",1]]');
  });
});
