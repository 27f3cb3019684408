import { describe, expect, it } from 'vitest';

import { fromIterable } from '../../lib/core/from-iterable.js';
import { obeysTheFlowRules } from '../../lib/testing/flow-rules.js';
import { gc } from '../support/gc.js';

function* upTo(count: number): Generator<number> {
  for (let n = 1; n <= count; n++) yield n;
}

async function* slowlyUpTo(count: number): AsyncGenerator<number> {
  for (let n = 1; n <= count; n++) yield n;
}

describe('fromIterable', () => {
  describe('of a synchronous iterable', () => {
    const failing = (error: unknown) => fromIterable({ [Symbol.iterator]: () => failsWith(error) });
    const make = (count: number) => fromIterable({ [Symbol.iterator]: () => upTo(count) });
    obeysTheFlowRules(make, { it, expect, gc, failing });
  });

  describe('of an asynchronous iterable', () => {
    const failing = (error: unknown) => fromIterable({ [Symbol.asyncIterator]: () => slowlyFailsWith(error) });
    const make = (count: number) => fromIterable({ [Symbol.asyncIterator]: () => slowlyUpTo(count) });
    obeysTheFlowRules(make, { it, expect, gc, failing });
  });
});

function* failsWith(error: unknown): Generator<number> {
  yield 1;
  throw error;
}

async function* slowlyFailsWith(error: unknown): AsyncGenerator<number> {
  yield 1;
  throw error;
}
