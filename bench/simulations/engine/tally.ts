/** Counts events by the second in which they happen. */
export class Tally {
  readonly #counts: number[] = [];

  add(elapsedMs: number, amount = 1): void {
    const second = Math.floor(elapsedMs / 1000);
    while (this.#counts.length <= second) this.#counts.push(0);
    this.#counts[second]! += amount;
  }

  /** The count of each second. */
  perSecond(seconds: number): number[] {
    return Array.from({ length: seconds }, (_, i) => this.#counts[i] ?? 0);
  }

  /** The mean per second of a stretch of time. */
  mean(fromSecond: number, toSecond: number): number {
    const span = this.perSecond(toSecond).slice(fromSecond);
    return span.reduce((sum, count) => sum + count, 0) / span.length;
  }
}

/** The value below which a share of the values lies, by the nearest rank. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).toSorted();
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
}
