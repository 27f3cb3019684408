import type { Decoder } from '../codec/decoder.js';
import { json } from '../codec/json.js';
import { isStandardSchema } from '../codec/schema.js';
import { ConfigError } from '../core/errors.js';
import { must } from '../core/must.js';
import type { Limits } from '../core/wire.js';
import type { Target } from '../transport/contract.js';
import { type Payload, readBody } from './body.js';
import type { Client } from './client.js';
import { type FlatHeaders, mergeHeaders, readHeaders, TOKEN } from './headers.js';
import { writeQuery } from './query.js';
import { readChecked, readLimits, readRetry, readTimeouts, type RetrySettings } from './settings.js';
import { redactUrl } from './summary.js';
import { expandTemplate } from './template.js';
import type { AbortSignalLike, CallOptions, Cookies, Redirects, Timeouts } from './types.js';
import { joinPath, withQuery } from './url.js';

/** One call, read and checked: what every subscription to it starts from. */
export interface Plan {
  readonly client: Client;
  readonly method: string;
  readonly target: Target;
  readonly route: string;
  readonly headers: FlatHeaders;
  readonly body: unknown;
  /** The body, made ready once; `undefined` where a function makes it for each attempt. */
  readonly payload: Payload | undefined;
  readonly decoder: Decoder<unknown>;
  readonly idempotencyKey: string | true | undefined;
  readonly timeouts: Timeouts;
  readonly retry: RetrySettings | undefined;
  readonly limits: Limits;
  readonly limitsSet: readonly string[];
  readonly signal: AbortSignalLike | undefined;
  readonly context: Readonly<Record<string, unknown>>;
  readonly cookies: Cookies | undefined;
  readonly cache: string | undefined;
  readonly keepalive: boolean | undefined;
  readonly redirects: Redirects;
  /** Every status is an answer: for `toFetch`. */
  readonly anyStatus: boolean;
  /** Many values are gathered, within `limits.bodyBytes`. */
  readonly gather: boolean;
  /** The body can be sent only once: no retry, no redirect that keeps it. */
  readonly once: boolean;
}

const OPTIONS =
  'path query body headers as idempotencyKey timeouts retry limits signal context cookies cache keepalive redirects'.split(
    ' ',
  );
const KNOWN_METHODS = new Set('GET HEAD OPTIONS POST PUT PATCH DELETE QUERY'.split(' '));
const NOTHING: Readonly<Record<string, unknown>> = Object.freeze(Object.create(null) as Record<string, unknown>);
const JSON_DECODER = json() as Decoder<unknown>;

export function readMethod(method: string): string {
  if (KNOWN_METHODS.has(method)) return method;
  const isName = typeof method === 'string' && TOKEN.test(method);
  const upper = isName ? method.toUpperCase() : '';
  const can = isName && !/^(CONNECT|TRACE|TRACK)$/.test(upper);
  must(can, 'method', 'the name of an HTTP method other than CONNECT, TRACE and TRACK');
  return KNOWN_METHODS.has(upper) ? upper : method;
}

/** Makes a body ready to be sent by any number of attempts; later changes to the value are not seen. */
export function readPayload(body: unknown): Payload | undefined {
  return body === undefined || typeof body === 'function' ? undefined : readBody(body, false);
}

function readTarget({ base }: Client, path: string, { path: values, query }: CallOptions, absolute: boolean): Target {
  const isText = typeof path === 'string';
  if (isText && !values && path.includes('{')) {
    const shown = JSON.stringify(redactUrl(path));
    throw new ConfigError('path', `${shown} is a template: pass its values, path: { … }, or encode { as %7B`);
  }
  const target = joinPath(base, absolute, isText && values !== undefined ? expandTemplate(path, values) : path);
  const text = query === undefined ? '' : writeQuery(query);
  return text ? withQuery(target, text) : target;
}

function callHeaders(client: Client, target: Target, accept: string, own: FlatHeaders): FlatHeaders {
  const plain = target.origin === client.base?.origin && own.length === 0;
  const cached = plain && client.plainHeaders.get(accept);
  if (cached) return cached;
  const shared = target.origin === client.base?.origin ? client.headers : [];
  const headers = mergeHeaders(['accept', accept], mergeHeaders(shared, own));
  if (plain) client.plainHeaders.set(accept, headers);
  return headers;
}

/** Refuses a body that the method cannot have. */
export function checkBody(method: string, body: unknown): void {
  if (body === undefined || (method !== 'GET' && method !== 'HEAD')) return;
  throw new ConfigError('body', `${method} cannot have one: use query, or another method`);
}

/** Reads a call's options. */
export function planCall(
  client: Client,
  method: string,
  path: string,
  input: unknown,
  absolute: boolean = client.absolute,
): Plan {
  const options = (input === undefined ? NOTHING : readChecked(input, OPTIONS, 'options')) as CallOptions;
  const target = readTarget(client, path, options, absolute);
  const { as = JSON_DECODER, context } = options;
  const decoder = (isStandardSchema(as) ? json(as) : as) as Decoder<unknown>;
  const checked = readMethod(method);
  const { body, signal } = options;
  checkBody(checked, body);
  const { limits, limitsSet } = readLimits(options.limits, client);
  return {
    client,
    method: checked,
    target,
    route: path,
    headers: callHeaders(client, target, decoder.accept, readHeaders(options.headers, 'headers')),
    body,
    payload: readPayload(body),
    decoder,
    idempotencyKey: options.idempotencyKey,
    timeouts: readTimeouts(options.timeouts, client.timeouts),
    retry: readRetry(options.retry, client.retry),
    limits,
    limitsSet,
    signal,
    // A copy, so that neither a polluted prototype nor a later change can reach in.
    context: context ? Object.freeze(Object.assign(Object.create(null), context)) : NOTHING,
    cookies: options.cookies ?? client.cookies,
    cache: options.cache ?? client.cache,
    keepalive: options.keepalive ?? client.keepalive,
    redirects: options.redirects ?? 'follow',
    anyStatus: false,
    gather: false,
    once: false,
  };
}
