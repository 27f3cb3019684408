import type { Buffer } from 'node:buffer';

import type { HeadersView } from '../core/wire.js';

/**
 * Header fields as they came over the wire: names and values by turns, decoded when somebody asks.
 *
 * Most exchanges read one or two fields of ten or more, and an object or a Map of all of them costs more than the
 * rest of the exchange.
 */
export class RawHeaders implements HeadersView {
  readonly #raw: readonly Buffer[];
  /** Bytes of all names and values. */
  readonly bytes: number;
  /** What `content-encoding` says, each field after a comma; empty when there is none. */
  readonly codings: string;

  constructor(raw: readonly Buffer[]) {
    let bytes = 0;
    let codings = '';
    for (let i = 0; i + 1 < raw.length; i += 2) {
      const name = raw[i]!;
      const value = raw[i + 1]!;
      bytes += name.length + value.length;
      if (name.length === 16 && isNamed(name, 'content-encoding')) codings += `,${value.toString('latin1')}`;
    }
    this.#raw = raw;
    this.bytes = bytes;
    this.codings = codings;
  }

  /** Whether the head says where the body ends, so that the end of the connection does not. */
  get framed(): boolean {
    return this.has('content-length') || this.has('transfer-encoding');
  }

  get(name: string): string | null {
    const wanted = name.toLowerCase();
    const raw = this.#raw;
    let found: string | null = null;
    for (let i = 0; i + 1 < raw.length; i += 2) {
      if (!isNamed(raw[i]!, wanted)) continue;
      const value = valueOf(raw[i + 1]!);
      found = found === null ? value : `${found}, ${value}`;
    }
    return found;
  }

  has(name: string): boolean {
    const wanted = name.toLowerCase();
    for (let i = 0; i < this.#raw.length; i += 2) if (isNamed(this.#raw[i]!, wanted)) return true;
    return false;
  }

  getSetCookie(): string[] {
    const cookies: string[] = [];
    for (let i = 0; i + 1 < this.#raw.length; i += 2) {
      if (isNamed(this.#raw[i]!, 'set-cookie')) cookies.push(valueOf(this.#raw[i + 1]!));
    }
    return cookies;
  }

  /** One entry per field line, in the order of the wire, names in lower case. */
  *[Symbol.iterator](): Iterator<readonly [name: string, value: string]> {
    for (let i = 0; i + 1 < this.#raw.length; i += 2) {
      yield [this.#raw[i]!.toString('latin1').toLowerCase(), valueOf(this.#raw[i + 1]!)];
    }
  }
}

/** Whether a raw name is `wanted`, which is in lower case: without making a string. */
export function isNamed(raw: Uint8Array, wanted: string): boolean {
  if (raw.length !== wanted.length) return false;
  for (let i = 0; i < raw.length; i++) {
    const code = raw[i]!;
    const lower = code >= 65 && code <= 90 ? code + 32 : code;
    if (lower !== wanted.charCodeAt(i)) return false;
  }
  return true;
}

/** Field values are latin1, as RFC 9110 has it; spaces and tabs around them are not part of them. */
function valueOf(raw: Buffer): string {
  let from = 0;
  let to = raw.length;
  while (from < to && isBlank(raw[from]!)) from++;
  while (to > from && isBlank(raw[to - 1]!)) to--;
  return raw.toString('latin1', from, to);
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}
