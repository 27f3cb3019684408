import { Buffer } from 'node:buffer';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { isNamed, RawHeaders } from '../../lib/transport/raw-headers.js';

const raw = (...fields: string[]) => new RawHeaders(fields.map((field) => Buffer.from(field, 'latin1')));

const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}$/);
const value = fc.stringMatching(/^[\x21-\x7e\xa0-\xff]{0,12}$/);

describe('raw header fields', () => {
  it('answer as the platform’s Headers do', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(token, value), { maxLength: 8 }), (fields) => {
        const ours = raw(...fields.flat());
        const theirs = new Headers();
        for (const [name, text] of fields) theirs.append(name, text);
        for (const [name] of fields) {
          expect(ours.get(name.toUpperCase())).toBe(theirs.get(name));
          expect(ours.has(name.toLowerCase())).toBe(true);
        }
        expect(ours.getSetCookie()).toEqual(theirs.getSetCookie());
        expect([...ours]).toEqual(fields.map(([name, text]) => [name.toLowerCase(), text]));
      }),
    );
  });

  it('are absent when they are not there', () => {
    const headers = raw('X-One', '1');

    expect([headers.get('x-two'), headers.has('x-two'), headers.get('x-on')]).toEqual([null, false, null]);
    expect([...raw()]).toEqual([]);
  });

  it('keep cookies apart and join everything else', () => {
    const headers = raw('Set-Cookie', 'a=1', 'x', '1', 'set-cookie', 'b=2, c', 'X', '2');

    expect(headers.getSetCookie()).toEqual(['a=1', 'b=2, c']);
    expect(headers.get('x')).toBe('1, 2');
  });

  it('are read as latin1, without spaces and tabs around them but with what looks like a space', () => {
    expect(raw('x', ' \t caf\xe9\xa0\t ').get('x')).toBe('caf\xe9\xa0');
    expect(raw('x', ' \t ').get('x')).toBe('');
  });

  it('do not take one token character for another', () => {
    expect(isNamed(Buffer.from('X^A'), 'x~a')).toBe(false);
    expect(isNamed(Buffer.from('X_A'), 'x_a')).toBe(true);
  });
});
