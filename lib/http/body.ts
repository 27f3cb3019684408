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

const BYTES = 'application/octet-stream';

const tag = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);

/** Streams that were sent: a second time, most of them would be empty without a word. */
const sent = new WeakSet();

/** Whether a stream can be read only once; other async iterables start anew each time. */
function isOneShot(value: object): boolean {
  const { next, pipe } = value as { readonly next?: unknown; readonly pipe?: unknown };
  return tag(value) === 'ReadableStream' || typeof next === 'function' || typeof pipe === 'function';
}

function isStream(value: unknown): value is ByteStream {
  return Symbol.asyncIterator in Object(value) || tag(value) === 'ReadableStream';
}

/** What would become `{}`, and its content would be lost. */
const EMPTY_AS_JSON = /^(Weak)?(Map|Set)$|^(Promise|RegExp)$/;

function jsonText(value: unknown): string {
  const { toJSON, subscribe } = Object(value) as { readonly toJSON?: unknown; readonly subscribe?: unknown };
  const lost = EMPTY_AS_JSON.exec(tag(value))?.[0] ?? (typeof subscribe === 'function' && 'Observable');
  if (lost && !toJSON) throw new ConfigError('body', `a ${lost} would be lost as JSON: pass what it holds`);
  let json: string | undefined;
  let why: unknown = `it is a ${typeof value}`;
  try {
    json = JSON.stringify(value);
  } catch (error) {
    why = error;
  }
  if (json !== undefined) return json;
  throw new ConfigError('body', `cannot be written as JSON: ${why instanceof Error ? why.message : String(why)}`, {
    cause: why,
  });
}

function payload(body: TransportBody, type?: string, bytes?: number): Payload {
  return { body, type, bytes };
}

/**
 * Prepares one attempt's body.
 *
 * @param value - what the recipe gave
 * @param fromRecipe - whether a function made it: streams are accepted from functions only, since they cannot be read twice
 */
export function readBody(value: unknown, fromRecipe: boolean): Payload {
  if (typeof value === 'string') return payload(value, 'text/plain;charset=UTF-8');
  const kind = tag(value);
  if (kind.endsWith('ArrayBuffer')) return readBody(new Uint8Array(value as ArrayBuffer), fromRecipe);
  if (ArrayBuffer.isView(value)) {
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength) as Uint8Array;
    return payload(bytes, BYTES, bytes.length);
  }
  if (kind === 'FormData') return payload(value as FormDataLike);
  if (kind === 'URLSearchParams') return payload(String(value), 'application/x-www-form-urlencoded;charset=UTF-8');
  if (kind === 'Blob' || kind === 'File') {
    const blob = value as BlobLike;
    checkField('content-type', blob.type, 'body');
    return payload(blob, blob.type || undefined, blob.size);
  }
  if (!isStream(value)) return payload(jsonText(value), 'application/json');
  if (!fromRecipe)
    throw new ConfigError(
      'body',
      'a stream can be read only once: pass a function that makes it, body: () => stream()',
    );
  if (sent.has(value)) throw new ConfigError('body', 'this stream was sent before: make a new one each time');
  if (isOneShot(value)) sent.add(value);
  return payload(value, BYTES);
}
