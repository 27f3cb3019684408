import { spread } from '../backoff.js';
import type { Random } from '../random.js';
import type { RateHint } from './rate-hint.js';
import { LONGEST_HINT_MS, type QuotaLeft, type QuotaPolicy } from './rate-limit-fields.js';
import { SlidingLog } from './rate-pace.js';
import type { SavedQuota } from './rate-settings.js';

/** What is known of one policy of the server. */
interface Quota {
  partition: string | undefined;
  /** Whether it counts calls; what it says about bytes or concurrency is no matter of starts. */
  counts: boolean;
  windowMs: number;
  log: SlidingLog | undefined;
  /** How many may still start until `untilMs`. */
  left: number;
  untilMs: number;
  /** The number of the start whose answer said so. */
  epoch: number;
}

/** Names of policies come from outside, so no more than these are kept, the latest ones. */
const MOST_POLICIES = 8;
/** A larger quota is left to what the server says is left of it: each unit costs eight bytes. */
const LARGEST_LOG = 10_000;

/**
 * Keeps to what a server said of its limits: starts no more than is left of a quota before its time is over, and no
 * more in a policy's window than the policy allows. What is left is not spread over that time.
 *
 * Of each policy it knows one partition, the one last heard of.
 */
export class ServerQuotas {
  /** Nothing may start before: what `Retry-After` asked for. */
  closedUntilMs = -Infinity;
  readonly #quotas = new Map<string, Quota>();
  readonly #random: Random;

  /** @param random - spreads the clients that were told the same moment */
  constructor(random: Random) {
    this.#random = random;
  }

  /** When the server lets the next one start, or the one `behind` others. A moment that has passed means: now. */
  opensAt(behind: number): number {
    let opensMs = this.closedUntilMs;
    for (const quota of this.#quotas.values()) {
      if (quota.left <= behind) opensMs = Math.max(opensMs, quota.untilMs);
      if (quota.log) opensMs = Math.max(opensMs, quota.log.opensAt(behind));
    }
    return opensMs;
  }

  take(now: number): void {
    for (const quota of this.#quotas.values()) {
      quota.left--;
      quota.log?.take(now);
    }
  }

  /**
   * Takes in what an answer said.
   *
   * @param epoch - the number of the start that was answered
   * @param started - the number of the latest start: the server may not have counted those between
   */
  heed({ retryAfterMs, policies = [], left = [] }: RateHint, now: number, epoch: number, started: number): void {
    for (const policy of policies) this.#heedPolicy(policy);
    if (retryAfterMs === undefined) for (const item of left) this.#heedLeft(item, now, epoch, started);
    else {
      const waitMs = Math.min(Math.max(0, retryAfterMs) || 0, LONGEST_HINT_MS);
      this.closedUntilMs = Math.max(this.closedUntilMs, now + spread(waitMs, this.#random));
    }
  }

  save(): readonly SavedQuota[] {
    return [...this.#quotas]
      .filter(([, { untilMs }]) => untilMs > -Infinity)
      .map(([policy, { partition, left, untilMs }]) => ({ policy, partition: partition ?? null, left, untilMs }));
  }

  load(saved: readonly SavedQuota[]): void {
    this.#quotas.clear();
    for (const { policy, partition, left, untilMs } of saved) {
      Object.assign(this.#quota(policy, partition ?? undefined), { left, untilMs });
    }
  }

  #heedPolicy({ policy, partition, quota: limit, unit, windowMs = 0 }: QuotaPolicy): void {
    const quota = this.#quota(policy, partition);
    quota.counts = unit === 'requests';
    quota.windowMs = Math.min(windowMs, LONGEST_HINT_MS);
    const kept = quota.counts && limit > 0 && limit <= LARGEST_LOG && windowMs > 0 && windowMs <= LONGEST_HINT_MS;
    const rate = { limit, windowMs, burst: 1 };
    if (!quota.counts) quota.untilMs = -Infinity;
    if (!kept) quota.log = undefined;
    else if (quota.log) quota.log.retime(rate);
    else quota.log = new SlidingLog(rate);
  }

  #heedLeft(item: QuotaLeft, now: number, epoch: number, started: number): void {
    const quota = this.#quota(item.policy, item.partition);
    // An answer to an earlier call knows less than what is known already.
    if (!quota.counts || (epoch < quota.epoch && now < quota.untilMs)) return;
    const forMs = item.forMs ?? (item.left === 0 ? quota.windowMs : 0);
    quota.left = Math.max(0, item.left - (started - epoch));
    quota.untilMs = now + spread(forMs, this.#random);
    quota.epoch = epoch;
  }

  /** The policy of that name; a new one where it is not known, or known of another partition. */
  #quota(policy: string, partition: string | undefined): Quota {
    const known = this.#quotas.get(policy);
    const same = known && [undefined, known.partition ?? partition].includes(partition);
    const quota = same ? known : { ...UNKNOWN, counts: known?.counts ?? true, windowMs: known?.windowMs ?? 0 };
    quota.partition ??= partition;
    // A Map keeps the order of insertion: its first key has been silent for longest.
    this.#quotas.delete(policy);
    this.#quotas.set(policy, quota);
    if (this.#quotas.size > MOST_POLICIES) this.#quotas.delete(this.#quotas.keys().next().value!);
    return quota;
  }
}

const UNKNOWN: Quota = {
  partition: undefined,
  counts: true,
  windowMs: 0,
  log: undefined,
  left: Infinity,
  untilMs: -Infinity,
  epoch: -1,
};
