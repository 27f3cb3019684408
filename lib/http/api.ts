/// <reference lib="esnext.disposable" preserve="true" />
import { isApiError } from '../core/errors.js';
import { oneLine } from '../core/one-line.js';
import { Call } from './call.js';
import { type Client, closeShared, readClient, type Shared } from './client.js';
import { type Plan, planCall } from './plan.js';
import { describe, redactUrl } from './summary.js';
import type { ApiOptions, CallOptions } from './types.js';

/** Under this symbol an api keeps its client, for {@link toFetch} and the like. */
export const CLIENT: unique symbol = Symbol.for('millrace.client/1');

/** A client. Its functions need no `this`, so they can be passed on by themselves. */
export interface Api {
  get<T = unknown>(path: string, options?: CallOptions<T>): Call<T>;
  head<T = unknown>(path: string, options?: CallOptions<T>): Call<T>;
  options<T = unknown>(path: string, options?: CallOptions<T>): Call<T>;
  post<T = unknown>(path: string, options?: CallOptions<T>): Call<T>;
  put<T = unknown>(path: string, options?: CallOptions<T>): Call<T>;
  patch<T = unknown>(path: string, options?: CallOptions<T>): Call<T>;
  delete<T = unknown>(path: string, options?: CallOptions<T>): Call<T>;
  request<T = unknown>(method: string, path: string, options?: CallOptions<T>): Call<T>;
  /** A client with these options on top; it shares connections and retry budgets. */
  extend(options: ApiOptions): Api;
  /**
   * Refuses new calls, also those of every `extend`; waits for those that run, then closes the connections. On an
   * `extend`, refuses its own calls.
   */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
  /** @internal */
  readonly [CLIENT]: Client;
}

/** Plans a call; what is wrong with it becomes the error of its stream. */
export function callOf<T>(method: string, path: string, plan: () => Plan): Call<T> {
  try {
    return new Call<T>({ plan: plan() });
  } catch (error) {
    const shown = (text: unknown): string => oneLine(typeof text === 'string' ? redactUrl(text) : typeof text, 2000);
    if (isApiError(error)) describe(error, { method: shown(method), url: shown(path) });
    return new Call<T>({ error });
  }
}

/** @param lent - what the client shares with the one it extends: only its owner closes it */
function apiOf(client: Client, lent?: Shared): Api {
  const { shared } = client;
  const close = async (): Promise<void> => {
    client.closed = true;
    if (shared !== lent) await (shared.closing ??= closeShared(shared));
  };
  const request = <T>(method: string, path: string, options?: CallOptions<T>): Call<T> =>
    callOf(method, path, () => planCall(client, method, path, options));
  const verb =
    (method: string) =>
    <T>(path: string, options?: CallOptions<T>): Call<T> =>
      request(method, path, options);
  return {
    get: verb('GET'),
    head: verb('HEAD'),
    options: verb('OPTIONS'),
    post: verb('POST'),
    put: verb('PUT'),
    patch: verb('PATCH'),
    delete: verb('DELETE'),
    request,
    extend: (options) => apiOf(readClient(options, client), client.shared),
    close,
    [Symbol.asyncDispose]: close,
    [CLIENT]: client,
  };
}

/**
 * Makes a client.
 *
 * @param options - see {@link ApiOptions}; read once
 * @throws ConfigError when an option is unknown or cannot be
 */
export function createApi(options: ApiOptions = {}): Api {
  return apiOf(readClient(options));
}
