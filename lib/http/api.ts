/// <reference lib="esnext.disposable" preserve="true" />
import { isApiError } from '../core/errors.js';
import { Call } from './call.js';
import { type Client, readClient } from './client.js';
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
  /** Refuses new calls, waits for those that run, then closes the connections. On an `extend`, refuses its own calls. */
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
    if (isApiError(error)) describe(error, { method: String(method), url: redactUrl(String(path)) });
    return new Call<T>({ error });
  }
}

function apiOf(client: Client, close: () => Promise<void>): Api {
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
    extend: (options) => {
      const child = readClient(options, client);
      return apiOf(child, async () => {
        child.closed = true;
        if (child.shared.transport !== client.shared.transport) await child.shared.transport?.close?.();
      });
    },
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
  const client = readClient(options);
  return apiOf(client, async () => {
    client.closed = true;
    await client.shared.transport?.close?.();
  });
}
