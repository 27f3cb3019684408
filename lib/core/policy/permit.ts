import { Timed } from '../deadlines.js';
import { ConfigError } from '../errors.js';
import type { Outcome } from './outcome.js';

/** Decides who may run, and when: a bulkhead, a rate limit, a breaker, a throttle. */
export interface Gate {
  /** Answers with `permit.admit` or `permit.refuse`, now or later; keeps it meanwhile. */
  enter(permit: Permit): void;
  /** One that was kept waiting has left. */
  abandon(permit: Permit): void;
  /** One that was admitted has ended. */
  leave(permit: Permit, outcome: Outcome, error: unknown): void;
  /** What came for one that was admitted, up to its first answer: progress events, then one value. */
  heard?(permit: Permit, value: unknown): void;
  /** The deadline that was armed for a permit is over. */
  expired?(permit: Permit): void;
}

type State = 'new' | 'waiting' | 'admitted' | 'over';

/**
 * The right to run once, asked of a gate at subscription and given back exactly once, however the run ends.
 *
 * It is at once the entry of the gate's queue and of its deadlines, so that asking allocates nothing: whoever needs a
 * permit is one.
 */
export abstract class Permit extends Timed {
  /** The gate's state when it admitted: what was admitted before a change of state must not decide the one after. */
  declare epoch: number;
  /** When it was admitted, or entered the queue; the gate says which. */
  declare sinceMs: number;
  /** Whether it has brought a value that is no progress event. */
  declare answered: boolean;
  /** How much of the gate's limit it takes. */
  declare cost: number;
  /** Links of a {@link WaitList}. */
  declare prev: Permit | undefined;
  declare next: Permit | undefined;
  /** @internal */ declare private gate: Gate | undefined;
  /** @internal */ declare private status: State;

  constructor() {
    super();
    this.epoch = this.sinceMs = 0;
    this.answered = false;
    this.cost = 1;
    this.prev = this.next = this.gate = undefined;
    this.status = 'new';
  }

  /** It may run now. Called inside `acquire` or later. */
  protected abstract granted(): void;
  /** It may not run. */
  protected abstract refused(error: unknown): void;

  get isWaiting(): boolean {
    return this.status === 'waiting';
  }

  /** Asks the gate, once. */
  acquire(gate: Gate): void {
    this.gate = gate;
    this.status = 'waiting';
    gate.enter(this);
  }

  /** The gate lets it run. Does nothing for one that has left. */
  admit(epoch = 0): void {
    if (this.status !== 'waiting') return;
    this.status = 'admitted';
    this.epoch = epoch;
    this.granted();
  }

  /** The gate turns it away. */
  refuse(error: unknown): void {
    if (this.status !== 'waiting') return;
    this.status = 'over';
    this.refused(error);
  }

  /** Gives it back: once, whoever calls how often. One that still waits leaves the queue. */
  release(outcome: Outcome, error?: unknown): void {
    const state = this.status;
    this.status = 'over';
    if (state === 'waiting') this.gate!.abandon(this);
    else if (state === 'admitted') this.gate!.leave(this, outcome, error);
  }

  /** Tells the gate what came, up to the first answer. */
  protected hear(value: unknown): void {
    this.gate!.heard?.(this, value);
  }

  override expire(): void {
    this.gate?.expired?.(this);
  }
}

/** What a `create…` function has made, as the gate that it is. @throws ConfigError for anything else, saying which to use */
export function gateOf<G = Gate>(made: unknown, field: string, maker: string): G {
  // By name, not by class, since there may be two copies; a breaker has the methods of a bulkhead, and is none.
  if ((made as { readonly maker?: unknown } | null | undefined)?.maker === maker) return made as G;
  throw new ConfigError(field, `must be what ${maker}() returns`);
}
