import { ConfigError } from '../core/errors.js';
import { checkField } from './headers.js';
import type { BlobLike, ByteStream, FormDataLike, TransportBody } from '../transport/contract.js';

/** A body ready to leave. */
export interface Payload {
  readonly body: TransportBody;
  /** Its media type, where the transport does not add one by itself. */
  readonly type: string | undefined;
  /** Bytes, where they are known. */
  readonly bytes: number | undefined;
}

const tag = (value: object): string => Object.prototype.toString.call(value).slice(8, -1);

/** Streams that were sent: a second time, most of them would be empty without a word. */
const sent = new WeakSet();

/** Whether a stream can be read only once; other async iterables start anew each time. */
function isOneShot(value: object): boolean {
  const { next, pipe } = value as { readonly next?: unknown; readonly pipe?: unknown };
  return tag(value) === 'ReadableStream' || typeof next === 'function' || typeof pipe === 'function';
}

function isStream(value: object): value is ByteStream {
  return Symbol.asyncIterator in value || tag(value) === 'ReadableStream';
}

/** What would become `{}`, and its content would be lost. */
const EMPTY_AS_JSON = /^(Weak)?(Map|Set)$|^(Promise|RegExp)$/;

function jsonText(value: unknown): string {
  let json: string | undefined;
  if (typeof value === 'object' && value !== null && !('toJSON' in value)) {
    const what =
      EMPTY_AS_JSON.exec(tag(value))?.[0] ??
      (typeof (value as { subscribe?: unknown }).subscribe === 'function' ? 'Observable' : '');
    if (what) throw new ConfigError('body', `a ${what} would be lost as JSON: pass what it holds`);
  }
  try {
    json = JSON.stringify(value);
  } catch (cause) {
    throw new ConfigError(
      'body',
      `cannot be written as JSON: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
  if (json === undefined) throw new ConfigError('body', `a ${typeof value} cannot be written as JSON`);
  return json;
}

function text(body: string, type: string): Payload {
  return { body, type, bytes: undefined };
}

/**
 * Prepares one attempt's body.
 *
 * @param value - what the recipe gave
 * @param fromRecipe - whether a function made it: streams are accepted from functions only, since they cannot be read twice
 */
export function readBody(value: unknown, fromRecipe: boolean): Payload {
  if (typeof value === 'string') return text(value, 'text/plain;charset=UTF-8');
  if (typeof value !== 'object' || value === null) return text(jsonText(value), 'application/json');
  if (ArrayBuffer.isView(value)) {
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength) as Uint8Array;
    return { body: bytes, type: 'application/octet-stream', bytes: bytes.length };
  }
  switch (tag(value)) {
    case 'ArrayBuffer':
    case 'SharedArrayBuffer':
      return readBody(new Uint8Array(value as ArrayBuffer), fromRecipe);
    case 'URLSearchParams':
      return text(String(value), 'application/x-www-form-urlencoded;charset=UTF-8');
    case 'FormData':
      return { body: value as FormDataLike, type: undefined, bytes: undefined };
    case 'Blob':
    case 'File': {
      const blob = value as BlobLike;
      if (blob.type) checkField('content-type', blob.type, 'body');
      return { body: blob, type: blob.type || undefined, bytes: blob.size };
    }
    default:
  }
  if (!isStream(value)) return text(jsonText(value), 'application/json');
  if (!fromRecipe) {
    throw new ConfigError(
      'body',
      'a stream can be read only once: pass a function that makes it, body: () => stream()',
    );
  }
  if (sent.has(value)) throw new ConfigError('body', 'this stream was sent before: make a new one each time');
  if (isOneShot(value)) sent.add(value);
  return { body: value, type: 'application/octet-stream', bytes: undefined };
}
