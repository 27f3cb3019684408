import { describe, expect, it } from 'vitest';

import { expandTemplate } from '../../lib/http/template.js';

const values = { var: 'value', hello: 'Hello World!', path: '/foo/bar', x: 1024, y: 768 };
const pick = (...names: (keyof typeof values)[]): Record<string, string | number> =>
  Object.fromEntries(names.map((name) => [name, values[name]]));

describe('expandTemplate', () => {
  it.each([
    ['{var}', pick('var'), 'value'],
    ['{hello}', pick('hello'), 'Hello%20World%21'],
    ['{+hello}', pick('hello'), 'Hello%20World!'],
    ['{+path}/here', pick('path'), '/foo/bar/here'],
    ['map?{x,y}', pick('x', 'y'), 'map?1024,768'],
    ['{x,hello,y}', pick('x', 'hello', 'y'), '1024,Hello%20World%21,768'],
    ['X{.var}', pick('var'), 'X.value'],
    ['{/var,x}/here', pick('var', 'x'), '/value/1024/here'],
    ['{;x,y}', pick('x', 'y'), ';x=1024;y=768'],
    ['{?x,y}', pick('x', 'y'), '?x=1024&y=768'],
    ['?fixed=yes{&x}', pick('x'), '?fixed=yes&x=1024'],
    ['{var:3}', pick('var'), 'val'],
    ['{var:2}', { var: '😀é€' }, '%F0%9F%98%80%C3%A9'],
    ['/users/{id}', { id: 'a/b' }, '/users/a%2Fb'],
    ['/users/{id}', { id: 'é€😀' }, '/users/%C3%A9%E2%82%AC%F0%9F%98%80'],
  ])('expands %j', (template, given, path) => {
    expect(expandTemplate(template, given)).toBe(path);
  });

  it.each([
    ['/users/{id}', {}, /path\.id.*has no value/],
    ['/users/{id}', { id: '' }, /path\.id/],
    ['/users/{id}', { id: '.' }, /path\.id/],
    ['/users/{id}', { id: '..' }, /path\.id/],
    ['/users/{id}', { id: Number.NaN }, /path\.id/],
    ['/users/{id}', { id: '\ud800' }, /path\.id.*Unicode/],
    ['/users/{id}', { id: 1, extra: 2 }, /path\.extra.*not in the template/],
    ['/users/{!id}', { id: 1 }, /RFC 6570/],
    ['/users/{toString}', {}, /path\.toString.*has no value/],
    ['/users/{id:0}', { id: 'x' }, /has no length/],
    ['/users/{id:x}', { id: 'x' }, /has no length/],
    ['/users/{+id}', { id: '\ud800' }, /path\.id.*Unicode/],
    ['/users/{id}', null, /must be an object/],
  ])('refuses %j with %j', (template, given, message) => {
    expect(() => expandTemplate(template, given as never)).toThrowError(message);
  });
});
