import { parseJson } from '../codec/json-text.js';
import { type DecodeError, ProtocolError } from '../core/answer-errors.js';
import { isApiError } from '../core/errors.js';
import type { HeadersView } from '../core/wire.js';
import type { ApiResponse } from '../http/answer-types.js';
import type { WholeAnswer } from '../http/follow-up.js';
import { readRetryAfter } from '../http/retry-after.js';
import { resolveTarget } from '../http/url.js';
import { type Answer, field, type Judgement } from './operation-modes.js';
import type { OperationRules } from './operation-settings.js';
import type { OperationState } from './operation-types.js';

const utf8 = /* @__PURE__ */ new TextDecoder();

/** Reads an answer: its body is looked at as JSON, whatever its type says, since monitors often say nothing of it. */
export function readAnswer({ status, headers, url, body: bytes }: ApiResponse<Uint8Array>): Answer {
  let body: unknown;
  let invalid: DecodeError | undefined;
  try {
    if (bytes.length > 0) body = parseJson(utf8.decode(bytes), 0, { status, statusText: '', headers });
  } catch (error) {
    invalid = error as DecodeError;
  }
  return { status, headers, url, body, bytes, invalid };
}

/**
 * What an answer, or the error of a failed poll, says of when to come back. A date is read against the server's own
 * `Date`: the clocks may differ.
 *
 * @returns milliseconds, or `undefined`
 */
export function askedMs(fact: unknown, now: number): number | undefined {
  const headers = (fact as { readonly headers?: HeadersView } | null | undefined)?.headers;
  if (!headers) return isApiError(fact) ? fact.retryAfterMs : undefined;
  const serverNow = Number(new Date(headers.get('date') ?? NaN));
  return readRetryAfter(headers, Number.isNaN(serverNow) ? now : serverNow);
}

const JSON_TYPE: ReadonlyMap<string, string> = new Map([['content-type', 'application/json']]);
const JSON_HEADERS: HeadersView = {
  get: (name) => JSON_TYPE.get(name) ?? null,
  has: (name) => JSON_TYPE.has(name),
  getSetCookie: () => [],
  [Symbol.iterator]: () => JSON_TYPE[Symbol.iterator](),
};

/** A part of an answer as an answer of its own, so that decoder and schema read it like every other result. */
export function jsonAnswer(value: unknown): WholeAnswer {
  const text = value === undefined ? '' : JSON.stringify(value);
  return { status: 200, headers: JSON_HEADERS, bytes: new TextEncoder().encode(text) };
}

/** A URL that an answer named, made absolute. */
export function urlOf(reference: string, answerUrl: string, what: string): string {
  const { origin, path } = resolveTarget(reference, answerUrl, what);
  return origin + path;
}

/** Where the result is: in the answer, in a value, at a URL, or nowhere. */
export type ResultPlace = 'answer' | 'nothing' | { readonly value: unknown } | { readonly url: string };

/**
 * Where the result of work lies that is done.
 *
 * @throws ProtocolError when it should lie at a `Location` and none was seen
 */
export function placeOf(
  judgement: Judgement,
  answer: Answer,
  method: string,
  { url, location }: OperationState,
  { result }: OperationRules,
): ResultPlace {
  const resultUrl = field(judgement, 'resultUrl');
  if (typeof resultUrl === 'string') return { url: urlOf(resultUrl, answer.url, 'the result') };
  if (Object.hasOwn(judgement, 'result')) return { value: field(judgement, 'result') };
  if (typeof result === 'function') return { value: result(answer.body) };
  if (result === 'original') return { url };
  if (result === 'location' && location === undefined) throw new ProtocolError('the result has no Location');
  if (result === 'location') return { url: location! };
  if (result === 'monitor' || !judgement.byRule) return 'answer';
  const resource = field(answer.body, 'resourceLocation');
  if (typeof resource === 'string') return { url: urlOf(resource, answer.url, 'the result') };
  if (method === 'DELETE') return 'nothing';
  if (method === 'PUT' || (method === 'PATCH' && location === undefined)) return { url };
  return location === undefined ? 'answer' : { url: location };
}
