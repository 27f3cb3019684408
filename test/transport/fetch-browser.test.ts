import { afterEach, describe, expect, it, vi } from 'vitest';

import { TimeoutError } from '../../lib/core/errors.js';
import { fetchCapabilities, follow, webFailure } from '../../lib/transport/fetch-browser.js';

/** A Request of a browser, which asks for `duplex` where it can send streams. */
const requestOf = (streams: boolean) =>
  class {
    readonly headers = new Headers();

    constructor(_url: string, init: { duplex?: string }) {
      if (!streams || init.duplex !== 'half') this.headers.set('content-type', 'text/plain');
    }
  };

describe("a browser's fetch", () => {
  afterEach(() => vi.unstubAllGlobals());

  it('hides redirects, so nothing follows them', () => {
    expect([fetchCapabilities().redirects, follow]).toEqual(['platform', undefined]);
  });

  it.each([true, false])('is asked whether it sends streams: %j', (streams) => {
    vi.stubGlobal('Request', requestOf(streams));

    expect(fetchCapabilities()).toMatchObject({ uploadStream: streams, rawHeaders: false, decodesBody: true });
  });

  it.each([
    ['Failed to fetch', false, 'connect', true],
    ['network error', true, 'receive', true],
    ['The certificate for this server is invalid.', false, 'tls', false],
  ] as const)('says %j, and we say what it means', (message, begun, phase, retryable) => {
    const cause = new TypeError(message);

    expect(webFailure(cause, begun)).toMatchObject({ kind: 'network', phase, retryable, cause });
  });

  it('leaves errors of ours as they are', () => {
    const error = new TimeoutError('idle', 1);

    expect(webFailure(error, true)).toBe(error);
  });
});
