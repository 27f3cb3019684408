import { afterEach, describe, expect, it, vi } from 'vitest';

import { fetchCapabilities } from '../../lib/transport/fetch-capabilities.js';

/** What a platform's Request does with header fields and with a stream as body. */
interface Platform {
  readonly forbids?: RegExp;
  /** `text`: sends the name of the class. `half`: reads the member `duplex`. */
  readonly streams: 'half' | 'plain' | 'text' | 'throws';
}

function requestOf({ forbids = /^$/, streams }: Platform) {
  return class {
    readonly headers: Headers;

    constructor(_url: string, init: { headers?: [string, string][]; body?: unknown; duplex?: string }) {
      this.headers = new Headers(init.headers?.filter(([name]) => !forbids.test(name)));
      if (streams === 'throws') throw new TypeError('a body of this kind is not known');
      const isText = init.body !== undefined && streams === 'text';
      if (isText || (streams === 'half' && init.duplex !== 'half')) this.headers.set('content-type', 'text/plain');
    }
  };
}

const browserRules = /^(sec-.*|cookie|host)$/;
const withBody = { prototype: { body: null } };
const withoutBody = { prototype: {} };

function capabilitiesOf(platform: Platform, response: object | undefined = withBody) {
  vi.stubGlobal('Request', requestOf(platform));
  vi.stubGlobal('Response', response);
  const { responseStream, pause, uploadStream, redirects, rawHeaders } = fetchCapabilities();
  return { responseStream, pause, uploadStream, redirects, rawHeaders };
}

describe('what fetch can do', () => {
  afterEach(() => vi.unstubAllGlobals());

  const server = { responseStream: true, pause: true, uploadStream: true, redirects: 'manual', rawHeaders: true };
  const browser = { ...server, redirects: 'platform', rawHeaders: false };

  it('is everything on Deno, Bun and workerd, which do not look at duplex', () => {
    expect(capabilitiesOf({ streams: 'plain' })).toEqual(server);
  });

  it('is no header of its own and no redirect in a browser that sends streams', () => {
    expect(capabilitiesOf({ forbids: browserRules, streams: 'half' })).toEqual(browser);
  });

  it('is no stream of its own where stream bodies are known, but not to fetch', () => {
    const can = capabilitiesOf({ forbids: browserRules, streams: 'plain' });

    expect(can).toEqual({ ...browser, uploadStream: false });
  });

  it('is no stream of its own where a stream is sent as the text of its name', () => {
    const can = capabilitiesOf({ forbids: browserRules, streams: 'text' });

    expect(can).toEqual({ ...browser, uploadStream: false });
  });

  it('is whole bodies and hidden redirects on React Native', () => {
    const can = capabilitiesOf({ streams: 'throws' }, withoutBody);

    expect(can).toEqual({
      responseStream: false,
      pause: false,
      uploadStream: false,
      redirects: 'platform',
      rawHeaders: true,
    });
  });

  it('is what servers have where there is no Request to ask', () => {
    vi.stubGlobal('Request', undefined);
    vi.stubGlobal('Response', undefined);

    expect(fetchCapabilities()).toMatchObject({ ...server, uploadStream: false });
  });
});
