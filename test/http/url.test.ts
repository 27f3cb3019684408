import { describe, expect, it } from 'vitest';

import { joinPath, parseBase } from '../../lib/http/url.js';

const base = parseBase('https://api.test/v1');
const join = (path: string): string => {
  const { origin, path: joined } = joinPath(base, false, path);
  return origin + joined;
};

describe('joinPath', () => {
  it.each([
    ['users', 'https://api.test/v1/users'],
    ['/users', 'https://api.test/v1/users'],
    ['', 'https://api.test/v1/'],
    ['/', 'https://api.test/v1/'],
    ['users/7/', 'https://api.test/v1/users/7/'],
    ['users?q=a&b=c', 'https://api.test/v1/users?q=a&b=c'],
    ['a b/ü', 'https://api.test/v1/a%20b/%C3%BC'],
    ['a%20b', 'https://api.test/v1/a%20b'],
    ['file.json', 'https://api.test/v1/file.json'],
    ['...', 'https://api.test/v1/...'],
    ['a//b', 'https://api.test/v1/a//b'],
    ['/messages:send', 'https://api.test/v1/messages:send'],
    ['?next=../x', 'https://api.test/v1/?next=../x'],
  ])('joins %j below the base', (path, url) => {
    expect(join(path)).toBe(url);
  });

  it.each([
    'http://evil.test/x',
    'HTTPS://evil.test/x',
    '//evil.test',
    '///evil.test',
    '/\\evil.test/x',
    '\\\\evil.test/x',
    'https:evil.test',
    '\thttp://evil.test/x',
    ' http://evil.test/x',
    'javascript:alert(1)',
    '../admin',
    '/../admin',
    'a/../../admin',
    'a/..',
    '.',
    './a',
    '%2e%2e/admin',
    '%2E./admin',
    '..%2fadmin',
    'a/%2e%2e%5cadmin',
    'a\nb',
    'a\u0000b',
    'a#b',
    ' a',
    'a ',
  ])('refuses %j', (path) => {
    expect(() => join(path)).toThrowError(expect.objectContaining({ kind: 'config', field: 'path' }));
  });

  it('takes absolute http URLs where they are allowed or there is no base', () => {
    for (const target of [
      joinPath(base, true, 'http://other.test/a?b#c'),
      joinPath(undefined, false, 'http://other.test/a?b#c'),
    ]) {
      expect(target).toEqual({ origin: 'http://other.test', path: '/a?b' });
    }
  });

  it.each([
    'ftp://other.test',
    'file:///etc/passwd',
    'http:/other.test',
    'http://',
    'http://u:p@other.test/',
    'http://a b/',
  ])('refuses the absolute URL %j', (url) => {
    expect(() => joinPath(undefined, true, url)).toThrowError(expect.objectContaining({ kind: 'config' }));
  });

  it('says that a relative path needs a base', () => {
    expect(() => joinPath(undefined, false, '/users')).toThrowError(/set baseUrl/);
  });

  it.each([
    ...[
      'http://user:hunter2@other.test/',
      'http://user:hunter2@[',
      'ftp://user:hunter2@other.test/',
      '//user:hunter2@other.test',
    ],
    ...['http:user:hunter2@other.test', '/x?token=hunter2#part', '/x?api_key=hunter2\\', 'http://[?token=hunter2'],
  ])('does not show the secret in %j', (url) => {
    for (const absolute of [true, false]) {
      const hidden = expect.objectContaining({
        kind: 'config',
        message: expect.not.stringContaining('hunter2') as string,
      });
      expect(() => joinPath(base, absolute, url)).toThrowError(hidden as Error);
    }
  });
});

describe('parseBase', () => {
  it('is a directory, with or without its slash', () => {
    expect(parseBase('https://api.test/v1').path).toBe('/v1/');
    expect(parseBase(new URL('https://api.test/v1/')).path).toBe('/v1/');
    expect(parseBase('https://api.test').path).toBe('/');
  });

  it.each([
    '/v1',
    'https://api.test/?a',
    'https://api.test/#a',
    'https://u:p@api.test',
    'ws://api.test',
    'https:\\\\api.test',
    '',
  ])('refuses %j', (url) => {
    expect(() => parseBase(url)).toThrowError(expect.objectContaining({ kind: 'config', field: 'baseUrl' }));
  });
});
