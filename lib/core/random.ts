/** A source of chance: numbers from 0 (included) to 1 (excluded), as `Math.random` gives. */
export type Random = () => number;

/** The system's source of chance. */
export const systemRandom: Random = () => Math.random();

// Structural, so that the public types need neither the DOM nor Node's types.
interface Crypto {
  getRandomValues(bytes: Uint8Array): Uint8Array;
}

/** A random UUID (version 4) from the platform's cryptographic source; works in insecure contexts too. */
export function uuid(): string {
  const crypto = (globalThis as unknown as { crypto: Crypto }).crypto;
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
