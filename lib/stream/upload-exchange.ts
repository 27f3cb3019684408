import { Subscription } from 'rxjs';

import type { Decoder } from '../codec/decoder.js';
import { text } from '../codec/text.js';
import { AbortError, ConfigError } from '../core/errors.js';
import type { SignalLike } from '../core/signal.js';
import type { ApiResponse, ResponseInfo } from '../http/answer-types.js';
import { callOf } from '../http/api.js';
import type { Call } from '../http/call.js';
import type { Client } from '../http/client.js';
import { type Plan, planCall } from '../http/plan.js';
import type { BodyInput } from '../http/types.js';
import { type Asked, askAnew } from './ask-anew.js';
import { exchangeOptions, type ExchangeOptions, type PerExchange } from './exchange-options.js';

/** One request of an upload. */
export interface UploadRequest {
  readonly method: string;
  /** The caller's path, or the URL of an upload resource where `isResource`. */
  readonly url: PerExchange<string>;
  readonly isResource: boolean;
  /** Names and values by turns. */
  readonly fields: readonly string[];
  readonly body?: BodyInput | (() => BodyInput) | undefined;
  readonly as?: Decoder<unknown> | undefined;
  /** Bytes of this body that have left. */
  readonly onProgress?: ((loaded: number) => void) | undefined;
}

/** Sends requests until the signal fires, and then breaks off the ones under way. */
export class UploadExchange {
  readonly #client: Client;
  readonly #given: ExchangeOptions;
  readonly signal: SignalLike;
  /** Where the last request went. */
  origin = '';

  constructor(client: Client, given: ExchangeOptions, signal: SignalLike) {
    this.#client = client;
    this.#given = given;
    this.signal = signal;
  }

  async send(request: UploadRequest): Promise<ApiResponse<unknown>> {
    const { onProgress } = request;
    const call = await this.#call(request);
    return this.#promise((resolve, reject) => {
      if (!onProgress) return call.response().subscribe({ next: resolve, error: reject });
      let value: unknown;
      let info: ResponseInfo | undefined;
      return call.events().subscribe({
        next: (event) => {
          if (event.type === 'upload') onProgress(event.loaded);
          if (event.type === 'value') value = event.value;
          if (event.type === 'response') info = event.response;
        },
        error: reject,
        complete: () => resolve({ ...info!, body: value }),
      });
    });
  }

  /** Makes the call, with what its URL, query and fields are now. */
  #call(request: UploadRequest): Promise<Call<unknown>> {
    const { query, headers } = this.#given;
    return new Promise((resolve, reject) => {
      const make = (asked: Asked): void =>
        resolve(callOf<unknown>(request.method, asked[0], () => this.#plan(request, asked)));
      askAnew([request.url, query, headers], undefined, make, reject);
    });
  }

  #plan({ method, isResource, fields, body, as = text() }: UploadRequest, asked: Asked): Plan {
    const own = { ...exchangeOptions(this.#given, asked, fields, !isResource), as };
    // What has a body no cache answers; and XMLHttpRequest, which alone tells a browser's progress, has no `cache`.
    const withBody = body === undefined ? { ...own, cache: 'no-store' } : { ...own, body };
    // A resource is where the server says; credentials and fields of this client go to their own origins only.
    const path = isResource ? asked[0].replace(/[{}]/g, encodeURIComponent) : asked[0];
    const plan = planCall(this.#client, method, path, withBody, isResource || this.#client.absolute);
    this.origin = plan.target.origin;
    return plan;
  }

  #promise<T>(start: (resolve: (value: T) => void, reject: (error: unknown) => void) => Subscription): Promise<T> {
    const { signal } = this;
    return new Promise<T>((resolve, reject) => {
      if (signal.aborted) return reject(new AbortError(signal.reason));
      const sending = new Subscription();
      const leave = (): void => {
        sending.unsubscribe();
        reject(new AbortError(signal.reason));
      };
      signal.addEventListener('abort', leave);
      const settle =
        <V>(then: (value: V) => void) =>
        (value: V): void => {
          signal.removeEventListener('abort', leave);
          then(value);
        };
      sending.add(start(settle(resolve), settle(reject)));
    });
  }
}

/** The URL that an answer names, seen from where the answer came. */
export function locationOf({ headers, url }: ResponseInfo): string | undefined {
  const location = headers.get('location');
  if (!location) return undefined;
  const there = new URL(location, url);
  if (url.startsWith('https:') && there.protocol !== 'https:') {
    throw new ConfigError('upload.path', `the server at ${new URL(url).origin} names a resource without https`);
  }
  return there.href;
}
