import type { Decoder } from './decoder.js';
import { WholeBody } from './whole-body.js';

/** The same bytes in a buffer of their own: a piece of a pool keeps all of it alive, and shows what else is in it. */
function own(body: Uint8Array): Uint8Array {
  return body.length === body.buffer.byteLength ? new Uint8Array(body.buffer) : new Uint8Array(body);
}

/**
 * Reads the whole body as bytes: a plain `Uint8Array` that owns its buffer, empty when there is no body.
 *
 * Over `limits.bodyBytes` it fails with a `LimitError`.
 *
 * @example
 * ```ts
 * import { bytes } from 'millrace';
 *
 * bytes().many; // => false
 * ```
 */
export function bytes(): Decoder<Uint8Array> {
  return { accept: '*/*', many: false, create: (context) => new WholeBody(context, own) };
}
