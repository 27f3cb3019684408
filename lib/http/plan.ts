import { type Decoder } from '../codec/decoder.js';
import { json } from '../codec/json.js';
import { isStandardSchema } from '../codec/schema.js';
import { ConfigError } from '../core/errors.js';
import { readOptions } from '../core/options.js';
import type { Limits } from '../core/wire.js';
import { type Payload, readBody } from './body.js';
import type { Client } from './client.js';
import { type FlatHeaders, mergeHeaders, readHeaders } from './headers.js';
import { writeQuery } from './query.js';
import {
  does,
  must,
  readLimits,
  readPlatform,
  readRetry,
  readTimeouts,
  readWord,
  type RetrySettings,
} from './settings.js';
import { redactUrl } from './summary.js';
import { expandTemplate } from './template.js';
import type { AbortSignalLike, CallOptions, Cookies, Redirects, Timeouts } from './types.js';
import { joinPath, type Target } from './url.js';

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
const METHOD = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const KNOWN_METHODS = new Set('GET HEAD OPTIONS POST PUT PATCH DELETE QUERY'.split(' '));
const NOTHING = /* @__PURE__ */ readOptions(undefined, [], '');
const JSON_DECODER = json() as Decoder<unknown>;

export function readMethod(method: string): string {
  if (KNOWN_METHODS.has(method)) return method;
  if (typeof method !== 'string' || !METHOD.test(method)) {
    const shown = typeof method === 'string' ? JSON.stringify(method.slice(0, 100)) : typeof method;
    throw new ConfigError('method', `${shown} is not a method name`);
  }
  const upper = method.toUpperCase();
  if (/^(CONNECT|TRACE|TRACK)$/.test(upper))
    throw new ConfigError('method', `${upper} cannot be sent by a client like this`);
  return KNOWN_METHODS.has(upper) ? upper : method;
}

function readDecoder(as: unknown): Decoder<unknown> {
  if (as === undefined) return JSON_DECODER;
  if (isStandardSchema(as)) return json(as) as Decoder<unknown>;
  if (typeof (as as Decoder<unknown> | null)?.create === 'function') return as as Decoder<unknown>;
  throw new ConfigError('as', 'must be a decoder such as json(), or a Standard Schema');
}

/** Makes a body ready to be sent by any number of attempts; later changes to the value are not seen. */
export function readPayload(body: unknown): Payload | undefined {
  return body === undefined || typeof body === 'function' ? undefined : readBody(body, false);
}

function readKey(key: unknown): string | true | undefined {
  if (key === undefined || key === true) return key;
  if (typeof key === 'string' && /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new ConfigError('idempotencyKey', 'must be true, or 1 to 255 visible ASCII characters');
}

function readTarget(client: Client, path: string, options: CallOptions, absolute: boolean): Target {
  let full = path;
  if (typeof path === 'string' && options.path !== undefined) full = expandTemplate(path, options.path);
  else if (typeof path === 'string' && path.includes('{')) {
    throw new ConfigError(
      'path',
      `${JSON.stringify(redactUrl(path))} is a template: pass its values, path: { … }, or encode { as %7B`,
    );
  }
  const target = joinPath(client.base, absolute, full);
  const query = options.query === undefined ? '' : writeQuery(options.query);
  if (!query) return target;
  return { origin: target.origin, path: target.path + (target.path.includes('?') ? '&' : '?') + query };
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

/** What layers may read: a copy, so that neither a polluted prototype nor a later change can reach in. */
function readContext(context: unknown): Plan['context'] {
  if (context === undefined) return NOTHING;
  must(typeof context === 'object' && context !== null, 'context', 'an object');
  return Object.freeze(Object.assign(Object.create(null) as Record<string, unknown>, context));
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
  const options = (input === undefined ? NOTHING : readOptions(input, OPTIONS, 'options')) as CallOptions;
  const target = readTarget(client, path, options, absolute);
  const decoder = readDecoder(options.as);
  const checked = readMethod(method);
  const { body, signal } = options;
  checkBody(checked, body);
  must(signal === undefined || does(signal, 'addEventListener', 'removeEventListener'), 'signal', 'an AbortSignal');
  const { limits, limitsSet } = readLimits(options.limits, client);
  // Each field by its name: a spread among them makes V8 build the object step by step, 0.3 us a call.
  const { cookies, cache, keepalive } = readPlatform(options, client);
  return {
    client,
    method: checked,
    target,
    route: path,
    headers: callHeaders(client, target, decoder.accept, readHeaders(options.headers, 'headers')),
    body,
    payload: readPayload(body),
    decoder,
    idempotencyKey: readKey(options.idempotencyKey),
    timeouts: readTimeouts(options.timeouts, client.timeouts),
    retry: options.retry === undefined ? client.retry : readRetry(options.retry, client.retry),
    limits,
    limitsSet,
    signal,
    context: readContext(options.context),
    cookies,
    cache,
    keepalive,
    redirects: readWord(options.redirects, ['follow', 'error', 'manual', 'platform'], 'redirects') ?? 'follow',
    anyStatus: false,
    gather: false,
    once: false,
  };
}
