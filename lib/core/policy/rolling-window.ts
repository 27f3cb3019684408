import { ConfigError } from '../errors.js';
import { between } from '../numbers.js';
import { readOptions } from '../options.js';

/** What a {@link RollingWindow} has counted, in parts of its time: it survives JSON. */
export type WindowCounts = readonly {
  /** A moment of the part. Unit: milliseconds since 1970. */
  readonly atMs: number;
  readonly counts: readonly (readonly [field: number, count: number])[];
}[];

/** Counts stay within an Int32Array. */
const MOST = 2 ** 31 - 1;

/**
 * Counts several things over the last so many milliseconds, in a few buckets that are reused.
 *
 * Time moves it on, not what is counted: after an idle hour nothing of before is left.
 */
export class RollingWindow {
  /** What was counted within the window, by field; as of the last {@link advance}. */
  readonly totals: Int32Array;
  readonly #buckets: number;
  readonly #counts: Int32Array;
  #bucketMs: number;
  /** The number of the current bucket since 1970. */
  #head = 0;

  constructor(windowMs: number, buckets: number, fields: number) {
    this.#buckets = buckets;
    this.#bucketMs = windowMs / buckets;
    this.totals = new Int32Array(fields);
    this.#counts = new Int32Array(fields * buckets);
  }

  /** Drops what has become too old. @returns the number of the current bucket */
  advance(nowMs: number): number {
    const bucket = Math.floor(nowMs / this.#bucketMs);
    if (bucket <= this.#head) return this.#head;
    if (bucket - this.#head >= this.#buckets) this.clear();
    else while (this.#head < bucket) this.#drop(++this.#head);
    return (this.#head = bucket);
  }

  /** Counts in a bucket that {@link advance} gave; in one that is gone by now, nothing. */
  add(field: number, count: number, bucket: number): void {
    if (bucket <= this.#head - this.#buckets || bucket > this.#head) return;
    this.totals[field]! += count;
    this.#counts[this.#place(bucket) + field]! += count;
  }

  clear(): void {
    this.totals.fill(0);
    this.#counts.fill(0);
  }

  snapshot(nowMs: number): WindowCounts {
    this.advance(nowMs);
    const parts: { atMs: number; counts: [number, number][] }[] = [];
    for (let bucket = this.#head - this.#buckets + 1; bucket <= this.#head; bucket++) {
      const part = this.#counts.subarray(this.#place(bucket), this.#place(bucket) + this.totals.length);
      const counts = [...part.entries()].filter(([, count]) => count > 0);
      // The middle, so that rounding cannot put it into the bucket before.
      if (counts.length > 0) parts.push({ atMs: (bucket + 0.5) * this.#bucketMs, counts });
    }
    return parts;
  }

  /** Goes on from counts: those that are too old by now, or come from the future, are dropped or count as of now. */
  restore(parts: WindowCounts, nowMs: number): void {
    this.clear();
    const head = this.advance(nowMs);
    for (const { atMs, counts } of parts) {
      const bucket = Math.min(head, Math.floor(atMs / this.#bucketMs));
      for (const [field, count] of counts) this.add(field, count, bucket);
    }
  }

  /** Looks back over another time from now on, and keeps what it has counted within it. */
  resize(windowMs: number, nowMs: number): void {
    if (windowMs === this.#bucketMs * this.#buckets) return;
    const kept = this.snapshot(nowMs);
    this.#bucketMs = windowMs / this.#buckets;
    this.#head = 0;
    this.restore(kept, nowMs);
  }

  #place(bucket: number): number {
    return (bucket % this.#buckets) * this.totals.length;
  }

  #drop(bucket: number): void {
    const place = this.#place(bucket);
    for (let field = 0; field < this.totals.length; field++) {
      this.totals[field]! -= this.#counts[place + field]!;
      this.#counts[place + field] = 0;
    }
  }
}

/** Reads counts from a snapshot. @throws ConfigError, naming the field, when they are none */
export function readWindowCounts(input: unknown, fields: number, where: string): WindowCounts {
  return list(input, where).map((part, index) => {
    const at = `${where}[${index}]`;
    const { atMs, counts } = readOptions(part, ['atMs', 'counts'], at);
    const pairs = list(counts, `${at}.counts`).map((pair, nth): [number, number] => {
      const [field, count] = list(pair, `${at}.counts[${nth}]`);
      if (!Number.isInteger(field)) throw new ConfigError(`${at}.counts[${nth}]`, 'must be [field, count]');
      return [
        between(0, fields - 1, field, `${at}.counts[${nth}][0]`),
        between(0, MOST, count, `${at}.counts[${nth}][1]`),
      ];
    });
    return { atMs: between(0, Number.MAX_SAFE_INTEGER, atMs, `${at}.atMs`), counts: pairs };
  });
}

function list(input: unknown, where: string): readonly unknown[] {
  if (Array.isArray(input)) return input as readonly unknown[];
  throw new ConfigError(where, 'must be a list: give what snapshot() returned');
}
