import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { writeQuery } from '../../lib/http/query.js';

describe('writeQuery', () => {
  it('repeats arrays, writes dates as ISO 8601, and drops undefined and null', () => {
    const query = {
      a: [1, 2],
      b: undefined,
      c: null,
      d: new Date(0),
      e: '+ &=?/',
      f: true,
      g: 'é',
      h: [],
      i: '',
      j: 10n,
    };
    expect(writeQuery(query)).toBe(
      'a=1&a=2&d=1970-01-01T00%3A00%3A00.000Z&e=%2B%20%26%3D%3F%2F&f=true&g=%C3%A9&i=&j=10',
    );
  });

  it('takes pairs', () => {
    expect(writeQuery(new URLSearchParams('b=2&a=1&b=3'))).toBe('b=2&a=1&b=3');
  });

  it.each([
    [{ a: Number.NaN }, 'query.a'],
    [{ a: Infinity }, 'query.a'],
    [{ a: () => 1 }, 'query.a'],
    [{ a: { b: 1 } }, 'query.a'],
    [{ a: [[1]] }, 'query.a'],
    [{ a: Symbol('s') }, 'query.a'],
    [{ a: new Date(Number.NaN) }, 'query.a'],
    [{ a: '\udfff' }, 'query.a'],
    ['a=1', 'query'],
    [null, 'query'],
    [[1, 2], 'query'],
  ])('refuses %j', (query, field) => {
    expect(() => writeQuery(query as never)).toThrowError(expect.objectContaining({ kind: 'config', field }));
  });

  it('is read back unchanged by URLSearchParams', () => {
    const text = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text)), (pairs) => {
        expect([...new URLSearchParams(writeQuery(pairs))]).toEqual(pairs);
      }),
    );
  });
});
