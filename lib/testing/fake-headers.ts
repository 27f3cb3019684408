import type { HeadersView } from '../core/wire.js';

/** Header fields to answer with; a field with several values is sent several times. */
export type FakeHeadersInput = Readonly<Record<string, string | number | readonly string[]>>;

/** Header fields as a transport shows them. */
export class FakeHeaders implements HeadersView {
  readonly #fields: (readonly [name: string, value: string])[] = [];

  constructor(input: FakeHeadersInput = {}) {
    for (const [name, value] of Object.entries(input)) {
      const values: readonly unknown[] = Array.isArray(value) ? value : [value];
      for (const one of values) this.#fields.push([name.toLowerCase(), String(one)]);
    }
  }

  get(name: string): string | null {
    const values = this.#values(name);
    return values.length > 0 ? values.join(', ') : null;
  }

  has(name: string): boolean {
    return this.#values(name).length > 0;
  }

  getSetCookie(): string[] {
    return this.#values('set-cookie');
  }

  [Symbol.iterator](): Iterator<readonly [name: string, value: string]> {
    return this.#fields[Symbol.iterator]();
  }

  #values(name: string): string[] {
    const wanted = name.toLowerCase();
    return this.#fields.filter(([field]) => field === wanted).map(([, value]) => value);
  }
}
