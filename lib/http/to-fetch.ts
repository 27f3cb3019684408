import { ConfigError } from '../core/errors.js';
import { type Api, CLIENT } from './api.js';
import { type Payload, readBody } from './body.js';
import type { Client } from './client.js';
import { CHUNKS, fetchError, FetchReceiver } from './fetch-receiver.js';
import { isOwned } from './headers.js';
import { type Plan, planCall } from './plan.js';
import type { BodyInput } from './types.js';

/** A `Request`, or what `fetch` takes as its second argument. */
type Source = Readonly<Record<string, unknown>>;

/** What the fetch standard allows, where the client's own limit is only a default. */
const MOST_REDIRECTS = 20;

/** The shape of `fetch`, without the DOM's types. */
export type FetchLike = typeof globalThis extends { fetch: infer F }
  ? F
  : (input: unknown, init?: unknown) => Promise<unknown>;

/** A member of a `Request`, by its class, or of a plain object, its own only: a polluted prototype must not reach in. */
function read(from: Source, name: string): unknown {
  const plain = Object.getPrototypeOf(from) === Object.prototype;
  return plain && !Object.hasOwn(from, name) ? undefined : from[name];
}

/** Fields of the second argument win over those of a `Request`, whose defaults mean that nothing was said. */
function settings(request: Source, init: Source): Record<string, unknown> {
  const pick = (name: string, unsaid?: unknown): unknown => {
    const value = read(init, name) ?? read(request, name);
    return value === unsaid ? undefined : value;
  };
  if (pick('integrity', '')) throw new ConfigError('integrity', 'is not checked here: leave it out');
  const signal = read(init, 'signal');
  return {
    headers: writableHeaders(pick('headers')),
    signal: (signal === undefined ? read(request, 'signal') : signal) ?? undefined,
    cookies: pick('credentials', 'same-origin'),
    cache: pick('cache', 'default'),
    redirects: pick('redirect', 'follow'),
    keepalive: pick('keepalive', false),
  };
}

/** Checked and joined as the platform does; and as it does, fields of the transport's own are left out without a word. */
function writableHeaders(input: unknown): (readonly [string, string])[] {
  return [...new Headers(input as [string, string][])].filter(([name]) => !isOwned(name));
}

function isReadable(body: unknown): boolean {
  return typeof body === 'object' && body !== null && (Symbol.asyncIterator in body || 'getReader' in body);
}

const tag = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);

/** Bodies as `fetch` takes them: what is not one of its kinds is sent as text. */
function fetchBody(body: unknown): BodyInput | (() => BodyInput) {
  if (isReadable(body)) return () => body as BodyInput;
  const known = ArrayBuffer.isView(body) || /^(ArrayBuffer|Blob|File|FormData|URLSearchParams)$/.test(tag(body));
  return known ? (body as BodyInput) : String(body);
}

/** Bytes and streams have no type of their own in `fetch`. */
function payloadOf(body: unknown, made: Payload | undefined): Payload | undefined {
  if (isReadable(body)) return { ...readBody(body, true), type: undefined };
  return made && (ArrayBuffer.isView(body) || tag(body) === 'ArrayBuffer') ? { ...made, type: undefined } : made;
}

async function planFetch(client: Client, input: unknown, init: Source): Promise<Plan> {
  const request = (tag(input) === 'Request' ? input : {}) as Source;
  // Braces are plain characters here, and the start of a template to a call.
  const url = String(read(request, 'url') ?? input)
    .trim()
    .replace(/#.*$/s, '')
    .replace(/[{}]/g, encodeURIComponent);
  const method = String(read(init, 'method') ?? read(request, 'method') ?? 'GET');
  let body = read(init, 'body') ?? undefined;
  // Read whole, so that a redirect or a fresh token can send it again.
  if (body === undefined && read(request, 'body')) body = await (request as unknown as Request).arrayBuffer();
  const sent = body === undefined ? {} : { body: fetchBody(body) };
  const plan = planCall(client, method, url, { ...settings(request, init), ...sent, as: CHUNKS }, true);
  const { limits } = plan;
  return {
    ...plan,
    // The standard leaves these two as they are written.
    method: /^(patch|query)$/i.test(method) ? method : plan.method,
    payload: payloadOf(body, plan.payload),
    retry: client.retrySet ? plan.retry : undefined,
    limits: client.limitsSet.includes('redirects') ? limits : { ...limits, redirects: MOST_REDIRECTS },
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
  const run = async (input: unknown, init?: Source | null): Promise<Response> => {
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
