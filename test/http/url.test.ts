import { describe, expect, it } from 'vitest';

import { joinPath, parseBase, resolveTarget } from '../../lib/http/url.js';

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

  it.each([
    ['https://api.test/v1/users?page=2#top', 'https://api.test/v1/users?page=2'],
    ['HTTPS://API.test:443/v1/', 'https://api.test/v1/'],
  ])('takes the absolute URL %j, which lies below the base', (url, joined) => {
    expect(join(url)).toBe(joined);
  });

  it.each([
    'https://api.test/v2/users',
    'https://api.test/v1',
    'https://api.test/v10/',
    'https://api.test:8443/v1/',
    'http://api.test/v1/',
    'https://api.test/v1/../admin',
    'https://api.test/v1/%2e%2e/admin',
    'https://api.test/v1/..%2fadmin',
    'https://u:p@api.test/v1/',
    'https://api.test@evil.test/v1/',
  ])('refuses the absolute URL %j, which does not lie below the base', (url) => {
    expect(() => join(url)).toThrowError(expect.objectContaining({ kind: 'config' }));
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

describe('resolveTarget', () => {
  const from = (reference: string, url = 'https://api.test/v1/jobs?id=1'): string => {
    const { origin, path } = resolveTarget(reference, url, 'the result');
    return origin + path;
  };

  it.each([
    ['/status/7', 'https://api.test/status/7'],
    ['status/7?a=b', 'https://api.test/v1/status/7?a=b'],
    ['../x', 'https://api.test/x'],
    ['?id=2', 'https://api.test/v1/jobs?id=2'],
    ['', 'https://api.test/v1/jobs?id=1'],
    ['//other.test/x#y', 'https://other.test/x'],
  ])('reads %j against the URL of the answer', (reference, url) => {
    expect(from(reference)).toBe(url);
  });

  it.each(['http://api.test/', 'ftp://api.test/', 'data:,x', 'https://', 'https://u@api.test/'])(
    'refuses %j, and names what it was to be',
    (reference) => {
      const refused = { kind: 'redirect', message: expect.stringContaining('the result') as string };
      expect(() => from(reference)).toThrowError(expect.objectContaining(refused));
    },
  );

  it('goes from http to https and stays on http', () => {
    expect(from('https://api.test/x', 'http://api.test/')).toBe('https://api.test/x');
    expect(from('/x', 'http://api.test/')).toBe('http://api.test/x');
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
