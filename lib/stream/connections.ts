import { PROGRESS } from '../core/progress.js';
import type { Client } from '../http/client.js';
import { ReconnectLadder } from './reconnect-ladder.js';
import { ladderRules, type ReconnectSettings } from './reconnect-options.js';
import type { ConnectionEvent } from './stream-events.js';
import type { TellTransfer } from './transfer-events.js';

/** What {@link Connections} need to know of a transfer. */
export interface ConnectionRules {
  readonly client: Client;
  readonly reconnect: ReconnectSettings;
}

/** The connections of one transfer, one after the other: their number, their state, and the waits between them. */
export class Connections<C> {
  readonly #rules: ConnectionRules;
  readonly #policy: string;
  readonly #tell: TellTransfer<C> | undefined;
  readonly #cursor: () => C | undefined;
  #attempt = 0;
  #ladder: ReconnectLadder | undefined;
  #endWait: (() => void) | undefined;
  #isTrying = false;
  #isOpen = false;

  /** @param cursor - where the transfer would go on now */
  constructor(rules: ConnectionRules, policy: string, tell: TellTransfer<C> | undefined, cursor: () => C | undefined) {
    this.#rules = rules;
    this.#policy = policy;
    this.#tell = tell;
    this.#cursor = cursor;
  }

  /** Which one this is, counted from 1. */
  get attempt(): number {
    return this.#attempt;
  }

  /** An attempt begins, or one that is under way goes on. */
  connecting(): void {
    if (this.#isTrying) return;
    this.#isTrying = true;
    this.#attempt++;
    this.#report('connecting');
  }

  /** @param origin - whose budget pays for what follows */
  opened(origin: string): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#ladderOf(origin).opened();
    this.#report('open');
  }

  /** Bytes have moved. */
  heard(): void {
    this.#ladder?.heard();
  }

  /** What was there has to be moved again. */
  gap(cause: unknown): void {
    this.#report('gap', cause);
  }

  lost(cause: unknown): void {
    if (this.#isOpen) this.#report('lost', cause);
    this.#isOpen = this.#isTrying = false;
  }

  /**
   * Waits for the next connection.
   *
   * @param origin - whose budget pays for it
   * @returns false when there may be none
   */
  wait(cause: unknown, origin: string, then: () => void): boolean {
    this.#isOpen = this.#isTrying = false;
    const delayMs = this.#ladderOf(origin).next(cause);
    if (delayMs < 0) return false;
    this.#endWait = this.#rules.client.clock.after(delayMs, () => {
      this.#endWait = undefined;
      then();
    });
    this.#report('waiting', cause, delayMs);
    return true;
  }

  /** Cuts the wait. */
  cancel(): void {
    if (!this.#endWait) return;
    this.#endWait();
    this.#endWait = undefined;
    this.#ladder?.abandon();
  }

  #ladderOf(origin: string): ReconnectLadder {
    const { client, reconnect } = this.#rules;
    return (this.#ladder ??= new ReconnectLadder(ladderRules(reconnect, client, origin, this.#policy)));
  }

  #report(type: ConnectionEvent['type'], cause?: unknown, delayMs?: number): void {
    if (!this.#tell) return;
    const told = { [PROGRESS]: true, attempt: this.#attempt, sinceMs: this.#rules.client.clock.now() } as const;
    const cursor = this.#cursor();
    if (type === 'waiting') this.#tell({ ...told, type, cause, delayMs: delayMs!, cursor });
    else if (type === 'lost' || type === 'gap') this.#tell({ ...told, type, cause, cursor });
    else if (type !== 'invalid') this.#tell({ ...told, type, cursor });
  }
}
