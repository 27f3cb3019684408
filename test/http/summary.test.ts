import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ConfigError, NetworkError } from '../../lib/core/errors.js';
import { oneLine } from '../../lib/core/one-line.js';
import { describe as describeError, redactUrl } from '../../lib/http/summary.js';

describe('redactUrl', () => {
  it.each([
    ['https://a.test/x', 'https://a.test/x'],
    ['https://a.test/x?page=2&q=key', 'https://a.test/x?page=2&q=key'],
    ['https://a.test/x?access_token=s', 'https://a.test/x?access_token=[hidden]'],
    ['https://a.test/x?a=b&api-key=s&c=d', 'https://a.test/x?a=b&api-key=[hidden]&c=d'],
    ['/x?X-Amz-Signature=s&X-Amz-Credential=s', '/x?X-Amz-Signature=[hidden]&X-Amz-Credential=[hidden]'],
    ['?PASSWORD=s&sig=s&code=s&jwt=s', '?PASSWORD=[hidden]&sig=[hidden]&code=[hidden]&jwt=[hidden]'],
    ['?token', '?token=[hidden]'],
    ['?token=a=b&token=c', '?token=[hidden]&token=[hidden]'],
    ['?signal=1&design=2', '?signal=[hidden]&design=[hidden]'],
    ['https://a.test/x#access_token=s', 'https://a.test/x#[hidden]'],
    ['https://a.test/x?a=b#s', 'https://a.test/x?a=b#[hidden]'],
    ['', ''],
  ])('turns %j into %j', (url, shown) => {
    expect(redactUrl(url)).toBe(shown);
  });

  it.each([
    ['https://user:s@a.test/x', 'https://a.test/x'],
    ['https://s@a.test', 'https://a.test'],
    ['https://user:s@s@a.test/', 'https://a.test/'],
    ['//user:s@a.test/x', '//a.test/x'],
    ['\\\\user:s@a.test', '\\\\a.test'],
    ['http:user:s@a.test', 'http:a.test'],
    ['http:/user:s@a.test', 'http:/a.test'],
    ['http:\\\\user:s@a.test', 'http:\\\\a.test'],
    [' \u0001http://user:s@a.test', ' \u0001http://a.test'],
    ['/@scope/package', '/@scope/package'],
    ['https://a.test/user:s@b', 'https://a.test/user:s@b'],
    ['https://a.test/?mail=a@b', 'https://a.test/?mail=a@b'],
  ])('takes the userinfo out of %j', (url, shown) => {
    expect(redactUrl(url)).toBe(shown);
  });

  it('hides the parameters it is told, by the name they are sent with', () => {
    expect(redactUrl('?subscription=s&a%20b=s&c=d', ['subscription', 'a%20b'])).toBe(
      '?subscription=[hidden]&a%20b=[hidden]&c=d',
    );
  });

  it('never shows what stands before the host, or the value of a token', () => {
    const part = fc.stringMatching(/^[\w%.~-]{0,8}$/);
    fc.assert(
      fc.property(part, part, part, part, (user, path, name, value) => {
        const shown = redactUrl(`https://${user}:hunter2@a.test/${path}?${name}=${value}&token=hunter2#hunter2`);
        expect(shown).not.toContain('hunter2');
        expect(shown).toContain(`https://a.test/${path}?`);
      }),
    );
  });
});

describe('oneLine', () => {
  it('is one line that cannot steer a terminal, and no longer than it may be', () => {
    expect(oneLine('a\r\nb\u001b[31m\u2028c\u202ed\u0000', 100)).toBe('a??b?[31m?c?d?');
    expect(oneLine('häßlich €', 100)).toBe('häßlich €');
    expect(oneLine('abcdef', 3)).toBe('abc…');
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 50 }), (text) => {
        const line = oneLine(text, 20);
        expect(line.length).toBeLessThanOrEqual(21);
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
      }),
    );
  });
});

describe('describe', () => {
  const request = { method: 'GET', url: 'https://a.test/x' };

  it('puts method and URL in front of message and stack, once', () => {
    const error = new NetworkError('connection reset', 'receive');
    describeError(error, request);
    describeError(error, { method: 'POST', url: 'https://b.test/' });
    expect(error.message).toBe('GET https://a.test/x: connection reset');
    expect(error.request).toBe(request);
    expect(error.stack).toMatch(/^\w*Error: GET https:\/\/a\.test\/x: connection reset\n {4}at /);
  });

  it('keeps a message short and on one line, and the request as it is', () => {
    const url = `https://a.test/${'x'.repeat(10_000)}`;
    const error = new ConfigError('field', `says\n${'y'.repeat(10_000)}`);
    describeError(error, { method: 'GET', url });
    expect(error.message.length).toBeLessThan(1000);
    expect(error.message).not.toContain('\n');
    expect(error.stack!.split('\n')[1]).toMatch(/^ {4}at /);
    expect(error.request?.url).toBe(url);
  });

  it('leaves foreign errors alone', () => {
    const error = new TypeError('mine');
    describeError(error as never, request);
    expect([error.message, 'request' in error]).toEqual(['mine', false]);
  });

  it('shows a message with replacement patterns as it is', () => {
    const error = new NetworkError("$& $1 $' $$", 'send');
    describeError(error, { method: 'GET', url: "https://a.test/$&$'" });
    expect(error.message).toBe("GET https://a.test/$&$': $& $1 $' $$");
    expect(error.stack).toContain(error.message);
  });
});
