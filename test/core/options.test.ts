import { runInNewContext } from 'node:vm';

import { describe, expect, it } from 'vitest';

import { ConfigError } from '../../lib/core/errors.js';
import { readOptions } from '../../lib/core/options.js';

const known = ['retry', 'timeouts', 'baseUrl', 'as'];
const read = (input: unknown): Readonly<Record<string, unknown>> => readOptions(input, known, 'createApi');

describe('readOptions', () => {
  it('gives a frozen record that inherits nothing', () => {
    const record = read({ retry: 1 });
    expect({ ...record }).toEqual({ retry: 1 });
    expect(Object.isFrozen(record)).toBe(true);
    for (const key of ['toString', 'constructor', '__proto__', 'hasOwnProperty']) expect(key in record).toBe(false);
    expect(Object.isFrozen(Object.getPrototypeOf(record))).toBe(true);
  });

  it('reads nothing where nothing is given', () => {
    expect(Object.keys(read(undefined))).toEqual([]);
    expect(Object.keys(read({}))).toEqual([]);
  });

  it('does not see later changes', () => {
    const input = { retry: 1 };
    const record = read(input);
    input.retry = 2;
    expect(record['retry']).toBe(1);
  });

  it('drops what is undefined and keeps what is null, false or 0', () => {
    expect({ ...read({ retry: undefined, timeouts: null, as: 0, baseUrl: false }) }).toEqual({
      timeouts: null,
      as: 0,
      baseUrl: false,
    });
    expect('retry' in read({ retry: undefined })).toBe(false);
  });

  it('runs a getter once, and passes on what it throws', () => {
    let runs = 0;
    const input = {
      get retry() {
        return ++runs;
      },
    };
    expect(read(input)['retry']).toBe(1);
    expect(runs).toBe(1);
    const stop = new Error('stop');
    const failing = {
      get retry() {
        throw stop;
      },
    };
    expect(() => read(failing)).toThrow(stop);
  });

  it('sees neither inherited members, nor hidden ones, nor symbols', () => {
    const input = Object.defineProperty({ [Symbol('retry')]: 1 }, 'timeouts', { value: 1, enumerable: false });
    expect(Object.keys(read(input))).toEqual([]);
    Reflect.set(Object.prototype, 'retry', 1);
    const polluted = read({});
    const seen = 'retry' in polluted || polluted['retry'];
    Reflect.deleteProperty(Object.prototype, 'retry');
    expect(seen).toBe(undefined);
  });

  it.each([
    ['null', null],
    ['an array', ['retry']],
    ['a string', 'retry'],
    ['a number', 3],
    ['a function', () => ({})],
    ['a Map', new Map()],
    ['a URL', new URL('http://localhost')],
    ['an object that inherits from another', Object.create({ retry: 1 })],
  ])('refuses %s', (_, input) => {
    expect(() => read(input)).toThrow(new ConfigError('createApi', 'options must be a plain object'));
  });

  it('takes an object without a prototype, or of another realm', () => {
    expect(read(Object.assign(Object.create(null), { as: 1 }))['as']).toBe(1);
    expect(read(runInNewContext('({ as: 1 })'))['as']).toBe(1);
  });

  it.each([
    ['retires', 'retry'],
    ['timeout', 'timeouts'],
    ['baseURL', 'baseUrl'],
    ['base_url', 'baseUrl'],
    ['baesUrl', 'baseUrl'],
  ])('names the nearest key to %s', (key, near) => {
    expect(() => read({ [key]: 1 })).toThrow(
      new ConfigError(`createApi.${key}`, `unknown option; did you mean "${near}"?`),
    );
  });

  it.each(['transport', 'x', '', 'toString', '__proto__', 'constructor', 'q'.repeat(100_000)])(
    'lists the keys where none is near to %.20s',
    (key) => {
      const fix = 'unknown option; there are retry, timeouts, baseUrl, as';
      expect(() => read({ [key]: undefined })).toThrow(new ConfigError(`createApi.${key}`, fix));
    },
  );

  it('names the field', () => {
    expect(() => read({ retires: 1 })).toThrow(expect.objectContaining({ kind: 'config', field: 'createApi.retires' }));
  });
});
