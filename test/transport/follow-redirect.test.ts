import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { DEFAULT_LIMITS } from '../../lib/core/wire.js';
import { followRedirect, safeHeaders } from '../../lib/transport/follow-redirect.js';

const name = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,8}$/).map((text) => `x-${text}`);
const value = fc.stringMatching(/^[\u0020-\u007e\u0080-\u00ff]{0,10}$/);

describe('safeHeaders', () => {
  const flat = ['accept', '1', 'authorization', '2', 'content-type', '3', 'x-a', '4', 'range', '5', 'cookie', '6'];

  it('keeps a safelist, and of the body only what goes with one', () => {
    expect(safeHeaders(flat, true)).toEqual(['accept', '1', 'content-type', '3', 'range', '5']);
    expect(safeHeaders(flat, false)).toEqual(['accept', '1', 'range', '5']);
  });

  it('keeps no field that it does not know', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), (pairs) => {
        expect(safeHeaders(pairs.flat(), true)).toEqual([]);
      }),
    );
  });
});

describe('followRedirect', () => {
  const rules = { redirects: 'follow', limits: DEFAULT_LIMITS, once: false };
  const headers = ['a', '1', 'content-type', '2', 'a', '3', 'content-encoding', '4'];
  const from = { method: 'POST', target: { origin: 'https://api.test', path: '/v1/a?b' }, headers, withBody: true };
  const to = (location: string, status = 302) =>
    followRedirect(rules, from, { status, statusText: '', headers: new Headers({ location }) }, 0);

  it('resolves against where it came from', () => {
    expect(to('c')).toMatchObject({ target: { origin: 'https://api.test', path: '/v1/c' } });
    expect(to('//other.test/d')).toMatchObject({ target: { origin: 'https://other.test', path: '/d' } });
    expect(() => to('http://[')).toThrowError(expect.objectContaining({ kind: 'redirect' }));
  });

  it('drops the fields that describe a body with the body', () => {
    expect(to('c')).toMatchObject({ method: 'GET', headers: ['a', '1', 'a', '3'], withBody: false });
    expect(to('c', 307)).toMatchObject({ method: 'POST', headers, withBody: true });
  });

  it('is nothing for an answer that asks for nothing', () => {
    expect([300, 304, 305].map((status) => to('c', status))).toEqual([undefined, undefined, undefined]);
  });
});
