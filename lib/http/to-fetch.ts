import { ConfigError } from '../core/errors.js';
import { type Api, CLIENT } from './api.js';
import type { Client } from './client.js';
import { CHUNKS, fetchError, FetchReceiver } from './fetch-receiver.js';
import { isOwned } from './headers.js';
import { type Plan, planCall } from './plan.js';
import type { BodyInput, CallOptions } from './types.js';

/** What is read of a `Request` and of `fetch`'s second argument. */
interface RequestLike {
  readonly url?: string;
  readonly method?: string;
  readonly headers?: Iterable<readonly [string, string]> | Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: CallOptions['signal'] | null;
  readonly credentials?: string;
  readonly cache?: string;
  readonly keepalive?: boolean;
  readonly redirect?: string;
  readonly integrity?: string;
  arrayBuffer?(): Promise<ArrayBuffer>;
}

/** The shape of `fetch`, without the DOM's types. */
export type FetchLike = typeof globalThis extends { fetch: infer F } ? F : (input: unknown, init?: unknown) => Promise<unknown>;

/** Fields of the second argument win over those of a `Request`, whose defaults mean that nothing was said. */
function settings(request: RequestLike, init: RequestLike): CallOptions {
  const pick = (name: 'credentials' | 'cache' | 'redirect', unsaid: string): string | undefined => {
    const value = init[name] ?? request[name];
    return value === unsaid ? undefined : value;
  };
  const options: Record<string, unknown> = {
    headers: writableHeaders(init.headers ?? request.headers ?? []),
    signal: (init.signal === undefined ? request.signal : init.signal) ?? undefined,
    cookies: pick('credentials', 'same-origin'),
    cache: pick('cache', 'default'),
    redirects: pick('redirect', 'follow'),
    keepalive: (init.keepalive ?? request.keepalive) || undefined,
  };
  if (init.integrity || request.integrity) throw new ConfigError('integrity', 'is not checked here: leave it out');
  return options;
}

/** As browsers do, fields that are the transport's own are left out without a word. */
function writableHeaders(input: NonNullable<RequestLike['headers']>): (readonly [string, string])[] {
  const pairs = Symbol.iterator in input ? [...(input as Iterable<readonly [string, string]>)] : Object.entries(input);
  return pairs.filter(([name]) => !isOwned(String(name).toLowerCase())).map(([name, value]) => [name, String(value)]);
}

function isReadable(body: unknown): boolean {
  return typeof body === 'object' && body !== null && (Symbol.asyncIterator in body || 'getReader' in body);
}

/** Bodies as `fetch` takes them: what is not one of its kinds is sent as text. */
function fetchBody(body: unknown): BodyInput | (() => BodyInput) {
  if (isReadable(body)) return () => body as BodyInput;
  const known = typeof body === 'object' && /ArrayBuffer|Blob|File|FormData|URLSearchParams/.test(Object.prototype.toString.call(body));
  return known || ArrayBuffer.isView(body) ? (body as BodyInput) : String(body);
}

async function planFetch(client: Client, input: unknown, init: RequestLike): Promise<Plan> {
  const request = (typeof input === 'object' && input !== null && 'url' in input ? input : {}) as RequestLike;
  const url = (request.url ?? String(input)).trim().replace(/#.*$/s, '');
  const method = init.method ?? request.method ?? 'GET';
  let body = init.body;
  // Read whole, so that a redirect or a fresh token can send it again.
  if (body === undefined && request.body) body = await request.arrayBuffer!();
  const sent = body === undefined || body === null ? {} : { body: fetchBody(body) };
  const options = { ...settings(request, init), ...sent, as: CHUNKS };
  const plan = planCall(client, method, url, options, true);
  return {
    ...plan,
    retry: client.retrySet ? plan.retry : undefined,
    anyStatus: true,
    once: isReadable(body),
  };
}

/**
 * A `fetch` over a client: its connections, credentials, limits, time limits and layers under the platform's shape.
 *
 * Resolves at the head, for any status. The body is read as it is pulled, 64 KiB ahead at most. Accepts a `Request`,
 * absolute URLs, and paths below `baseUrl`. Retries only where the client's options say `retry`.
 *
 * @returns a function that rejects with the signal's reason when it fires, else with a TypeError whose cause is the
 *   ApiError
 */
export function toFetch(api: Api): FetchLike {
  const client = api[CLIENT];
  const run = async (input: unknown, init?: RequestLike | null): Promise<Response> => {
    let plan: Plan;
    try {
      plan = await planFetch(client, input, init ?? {});
    } catch (error) {
      throw fetchError(error);
    }
    return new Promise((resolve, reject) => new FetchReceiver(plan, resolve, reject).start());
  };
  return run as unknown as FetchLike;
}
