/** What a run asks the server to do wrong. The same plan does the same wrong, whatever the order of the calls. */
export interface Plan {
  /** Decides every fault and every wait. */
  readonly seed: number;
  /** Share of the attempts on a city that fail, from 0 to 1. */
  readonly faultRate: number;
  /** At most so many faults on one city; `null` for no bound. */
  readonly faultsPerId: number | null;
  /** Calls that an access token is good for. */
  readonly tokenUses: number;
}

export const PLAN: Plan = { seed: 1, faultRate: 0, faultsPerId: 2, tokenUses: 100 };

/** How an attempt on a city can fail. */
export type Fault = 'reset' | 'unavailable' | 'busy' | 'throttled';

/** A few ask for a wait that a client must keep to. */
const SHARES: readonly (readonly [Fault, number])[] = [
  ['reset', 0.5], // the connection is cut
  ['unavailable', 0.48], // 503
  ['busy', 0.01], // 503, Retry-After: 1
  ['throttled', 0.01], // 429, Retry-After: 1
];

/** A number from 0 to 1 that depends on its arguments alone (FNV-1a, then the finalizer of MurmurHash3). */
export function chance(...parts: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const letter of parts.join('/')) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** The fault that the `attempt`th attempt on a city meets, if any; `before` is how many it has met. */
export function faultOf(plan: Plan, id: string, attempt: number, before: number): Fault | undefined {
  if (plan.faultsPerId !== null && before >= plan.faultsPerId) return undefined;
  if (chance(plan.seed, 'fault', id, attempt) >= plan.faultRate) return undefined;
  let draw = chance(plan.seed, 'kind', id, attempt);
  return SHARES.find(([, share]) => (draw -= share) < 0)?.[0] ?? 'reset';
}

/** A wait with a long tail (log-normal): half of the answers come within `medianMs`, one in 100 takes ten times as long. */
export function latencyMs(medianMs: number, ...parts: readonly (string | number)[]): number {
  const radius = Math.sqrt(-2 * Math.log(1 - chance(...parts, 'radius')));
  const normal = radius * Math.cos(2 * Math.PI * chance(...parts, 'angle'));
  return Math.min(medianMs * Math.exp(normal), medianMs * 30);
}
