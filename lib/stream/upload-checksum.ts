import { ConfigError } from '../core/errors.js';
import type { BlobLike } from '../transport/contract.js';

/** What a chunk can be checked by, and what the platform calls it. */
export const CHECKSUMS: Readonly<Record<string, string>> = { sha1: 'SHA-1', sha256: 'SHA-256', sha512: 'SHA-512' };

interface Platform {
  readonly crypto: { readonly subtle?: { digest(name: string, bytes: ArrayBuffer): Promise<ArrayBuffer> } };
}
const platform = globalThis as unknown as Platform;

/** The value of `Upload-Checksum`. */
export async function digestField(algorithm: string, body: Uint8Array | BlobLike): Promise<string> {
  const { subtle } = platform.crypto;
  if (!subtle) throw new ConfigError('upload.checksum', 'cannot be computed here: the page must come by https');
  const bytes = ArrayBuffer.isView(body) ? body : await body.arrayBuffer();
  const digest = await subtle.digest(CHECKSUMS[algorithm]!, bytes as ArrayBuffer);
  return `${algorithm} ${btoa(String.fromCharCode(...new Uint8Array(digest)))}`;
}
