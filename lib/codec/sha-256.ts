/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const K: Int32Array = /* @__PURE__ */ constants();

function constants(): Int32Array {
  const words = new Int32Array(64);
  for (let n = 2, i = 0; i < 64; n++) {
    if (isPrime(n)) words[i++] = ((Math.cbrt(n) % 1) * 2 ** 32) | 0;
  }
  return words;
}

function isPrime(n: number): boolean {
  for (let d = 2; d * d <= n; d++) if (n % d === 0) return false;
  return true;
}

const turn = (word: number, by: number): number => (word >>> by) | (word << (32 - by));

/**
 * SHA-256 of what comes piece by piece. The platform's own, `crypto.subtle`, takes whole messages only, and a download
 * need not fit into memory.
 *
 * @see FIPS 180-4, "Secure Hash Standard"
 */
export class Sha256 {
  readonly #state = Int32Array.of(
    0x6a09e667,
    0xbb67ae85,
    0x3c6ef372,
    0xa54ff53a,
    0x510e527f,
    0x9b05688c,
    0x1f83d9ab,
    0x5be0cd19,
  );
  readonly #words = new Int32Array(64);
  readonly #block = new Uint8Array(64);
  #bytes = 0;

  update(bytes: Uint8Array): void {
    let used = this.#bytes % 64;
    this.#bytes += bytes.length;
    let at = 0;
    if (used > 0) {
      at = Math.min(64 - used, bytes.length);
      this.#block.set(bytes.subarray(0, at), used);
      used += at;
      if (used < 64) return;
      this.#mix(this.#block, 0);
    }
    for (; at + 64 <= bytes.length; at += 64) this.#mix(bytes, at);
    this.#block.set(bytes.subarray(at));
  }

  /** Ends the message. @returns lower-case hexadecimal digits */
  hex(): string {
    const used = this.#bytes % 64;
    const padding = new Uint8Array((used < 56 ? 64 : 128) - used);
    padding[0] = 0x80;
    const view = new DataView(padding.buffer);
    const bits = this.#bytes * 8;
    view.setUint32(padding.length - 8, Math.floor(bits / 2 ** 32));
    view.setUint32(padding.length - 4, bits % 2 ** 32);
    this.update(padding);
    return Array.from(this.#state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }

  #mix(bytes: Uint8Array, at: number): void {
    const w = this.#words;
    for (let i = 0, p = at; i < 16; i++, p += 4) {
      w[i] = (bytes[p]! << 24) | (bytes[p + 1]! << 16) | (bytes[p + 2]! << 8) | bytes[p + 3]!;
    }
    for (let i = 16; i < 64; i++) {
      const a = w[i - 15]!;
      const b = w[i - 2]!;
      const s0 = turn(a, 7) ^ turn(a, 18) ^ (a >>> 3);
      const s1 = turn(b, 17) ^ turn(b, 19) ^ (b >>> 10);
      w[i] = (w[i - 16]! + s0 + w[i - 7]! + s1) | 0;
    }
    this.#rounds();
  }

  #rounds(): void {
    const w = this.#words;
    const state = this.#state;
    let a = state[0]!;
    let b = state[1]!;
    let c = state[2]!;
    let d = state[3]!;
    let e = state[4]!;
    let f = state[5]!;
    let g = state[6]!;
    let h = state[7]!;
    for (let i = 0; i < 64; i++) {
      const s1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i]! + w[i]!) | 0;
      const s0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + t1) | 0;
      d = c;
      c = b;
      b = a;
      a = (t1 + t2) | 0;
    }
    state[0]! += a;
    state[1]! += b;
    state[2]! += c;
    state[3]! += d;
    state[4]! += e;
    state[5]! += f;
    state[6]! += g;
    state[7]! += h;
  }
}
