import type { Clock } from '../core/clock.js';
import { ConfigError } from '../core/errors.js';
import type { Capabilities, Transport } from '../transport/contract.js';
import { followRedirect } from '../transport/follow-redirect.js';
import { FakeExchange, type RequestMatch } from './fake-exchange.js';

/** Settings for {@link fakeTransport}. */
export interface FakeTransportOptions {
  /** What the transport says it cannot do. @defaultValue everything, redirects by hand */
  readonly capabilities?: Partial<Capabilities>;
  /** Answers prepared beforehand come by `clock.after(0)`. @defaultValue they come in a microtask */
  readonly clock?: Clock;
}

/** A transport that a test answers by hand. */
export interface FakeTransport extends Transport {
  /**
   * Takes the next request that matches, once, and answers it with what is called on the result, before or after the
   * request has come.
   */
  expect(match?: RequestMatch): FakeExchange;
  /** The exchanges that were opened, in order. */
  readonly requests: readonly FakeExchange[];
  /** The exchange that was opened last. */
  readonly last: FakeExchange;
  /** @throws ConfigError that lists every expectation that was not used and every exchange that was left open */
  verify(): void;
}

const EVERYTHING: Capabilities = {
  responseStream: true,
  pause: true,
  uploadStream: true,
  uploadProgress: true,
  trailers: true,
  redirects: 'manual',
  decodesBody: false,
  rawHeaders: true,
};

/**
 * A transport without a network, for tests of what calls an API.
 *
 * With expectations, a request that matches none of them fails its call with a ConfigError that names it. Without any,
 * each request waits for an answer by hand: `fake.last.answer(200)`.
 *
 * Calls of the sink keep the contract of transports: none before `open` has returned, none after `abort`, no chunk while
 * the client has paused.
 *
 * @param options - see {@link FakeTransportOptions}
 *
 * @example
 * ```ts
 * import { createApi } from 'millrace';
 * import { fakeTransport } from 'millrace/testing';
 * import { firstValueFrom } from 'rxjs';
 *
 * const fake = fakeTransport();
 * const api = createApi({ baseUrl: 'https://cities.test/v1', transport: fake });
 * fake.expect({ method: 'GET', path: '/v1/cities/1' }).answer(200, { name: 'Oslo' });
 *
 * await firstValueFrom(api.get('cities/1')); // => { name: 'Oslo' }
 * fake.verify();
 * ```
 */
export function fakeTransport(options: FakeTransportOptions = {}): FakeTransport {
  const { clock } = options;
  const later = clock ? (run: () => void) => void clock.after(0, run) : (run: () => void) => queueMicrotask(run);
  const expected: FakeExchange[] = [];
  const opened: FakeExchange[] = [];
  const capabilities = { ...EVERYTHING, ...options.capabilities };
  return {
    capabilities,
    follow: capabilities.redirects === 'manual' ? followRedirect : undefined,
    requests: opened,
    get last() {
      const last = opened.at(-1);
      if (!last) throw new ConfigError('fakeTransport', 'no request has come yet');
      return last;
    },
    expect(match = {}) {
      const exchange = new FakeExchange(match, later);
      expected.push(exchange);
      return exchange;
    },
    open(request, sink) {
      const free = expected.length === 0 ? new FakeExchange({}, later) : undefined;
      const exchange = free ?? expected.find((one) => one.takes(request));
      if (!exchange) throw unexpected(`${request.method} ${request.url}`, expected);
      opened.push(exchange);
      return exchange.open(request, sink);
    },
    verify() {
      const all = new Set([...expected, ...opened]);
      const complaints = [...all].flatMap(({ complaint }) => complaint ?? []);
      if (complaints.length > 0) throw new ConfigError('fakeTransport', complaints.join('; '));
    },
  };
}

function unexpected(name: string, expected: readonly FakeExchange[]): ConfigError {
  const open = expected.filter(({ request }) => !request).map((one) => one.name);
  const instead = open.length > 0 ? `expected: ${open.join(', ')}` : 'all that was expected has come';
  return new ConfigError('fakeTransport', `${name} was not expected; ${instead}`);
}
