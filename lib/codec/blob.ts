import type { Decoder, DecoderContext } from './decoder.js';
import { WholeBody } from './whole-body.js';

/** A Blob, described by what it does. */
export interface BlobShape {
  readonly size: number;
  readonly type: string;
  arrayBuffer(): Promise<ArrayBuffer>;
  text(): Promise<string>;
  stream(): unknown;
}

/** The platform's own `Blob` type where the program's type libraries have one, so that it fits what takes a Blob. */
export type PlatformBlob = typeof globalThis extends { Blob: { prototype: infer B extends BlobShape } } ? B : BlobShape;

// Structural, so that the public types need neither the DOM nor Node's types.
interface Platform {
  readonly Blob: new (parts: readonly Uint8Array[], options: { readonly type: string }) => PlatformBlob;
}

function decode(bytes: Uint8Array, context: DecoderContext): PlatformBlob {
  const type = context.head?.headers.get('content-type') ?? '';
  return new (globalThis as unknown as Platform).Blob([bytes], { type });
}

/**
 * Reads the whole body as a `Blob` whose type is the content type.
 *
 * Over `limits.bodyBytes` it fails with a `LimitError`.
 *
 * @example
 * ```ts
 * import { blob } from 'millrace';
 *
 * blob().many; // => false
 * ```
 */
export function blob(): Decoder<PlatformBlob> {
  return { accept: '*/*', many: false, create: (context) => new WholeBody(context, decode) };
}
