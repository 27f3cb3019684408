import type { StandardSchemaV1 } from '@standard-schema/spec';

import type { Decoder, DecoderContext } from './decoder.js';
import { badJson, parseJson } from './json-text.js';
import { schemaPart } from './schema.js';
import { WholeBody } from './whole-body.js';

const utf8 = /* @__PURE__ */ new TextDecoder('utf-8', { fatal: true });

function decode(bytes: Uint8Array, context: DecoderContext): unknown {
  if (bytes.length === 0) return undefined;
  let text;
  try {
    text = utf8.decode(bytes);
  } catch (error) {
    throw badJson('it is not UTF-8', 0, context.head, error);
  }
  return parseJson(text, 0, context.head);
}

/**
 * Reads a body that is one JSON value.
 *
 * The bytes must be UTF-8, whatever the content type says; one byte order mark is left out. A body of no bytes (204,
 * 205, HEAD, or just empty) is `undefined`; one of only white space is an error. Fails with a `DecodeError` that says
 * where the fault is and what the server called the body, or with a `LimitError` when it is over `limits.bodyBytes`.
 *
 * @param schema - checks the value after decoding; without it the type is the caller's word
 * @throws ConfigError when `schema` is not a Standard Schema
 * @see RFC 8259, The JavaScript Object Notation (JSON) Data Interchange Format
 *
 * @example
 * ```ts
 * import { json } from 'millrace';
 *
 * const user = json<{ name: string }>();
 * user.accept; // => 'application/json'
 * user.many; // => false
 * ```
 */
export function json<T = unknown>(schema?: StandardSchemaV1<unknown, T>): Decoder<T> {
  return {
    accept: 'application/json',
    many: false,
    ...schemaPart(schema, 'json'),
    create: (context) => new WholeBody(context, decode as (bytes: Uint8Array, context: DecoderContext) => T),
  };
}
