import type { Budget } from '../core/budget.js';
import { isApiError, TimeoutError } from '../core/errors.js';
import { must } from '../core/must.js';
import { atLeast, positiveWhole } from '../core/numbers.js';
import { readOptions } from '../core/options.js';
import { type Client, budgetOf } from '../http/client.js';
import { does } from '../http/settings.js';
import type { LadderRules } from './reconnect-ladder.js';

/** How a long-lived source connects again. */
export interface ReconnectOptions {
  /** Upper end of the first wait; it doubles with each failure. Unit: milliseconds. @defaultValue 500 */
  readonly baseMs?: number;
  /** No wait is longer, unless the server asks for it. Unit: milliseconds. @defaultValue 60 000 */
  readonly capMs?: number;
  /**
   * A connection that was open for so long, or for a third of it and brought a message, lets the waits begin anew.
   * Unit: milliseconds. @defaultValue 30 000
   */
  readonly stableMs?: number;
  /** Connections in a row, none of them stable, after which the last error passes. @defaultValue Infinity */
  readonly attempts?: number;
  /** Which errors deserve another connection. @defaultValue those that may pass: {@link mayPass} */
  readonly when?: (error: unknown) => boolean;
  /** A server that asks for a longer wait is not asked again. Unit: milliseconds. @defaultValue 3 600 000 */
  readonly maxRetryAfterMs?: number;
  /** Pays for the attempts. @defaultValue the client's, per origin, which its retries share */
  readonly budget?: Budget | false;
}

/** {@link ReconnectOptions}, read and checked. */
export interface ReconnectSettings extends Omit<LadderRules, 'budget' | 'clock' | 'random' | 'policy'> {
  readonly when: (error: unknown) => boolean;
  readonly budget: Budget | false | undefined;
}

const KEYS = ['baseMs', 'capMs', 'stableMs', 'attempts', 'when', 'maxRetryAfterMs', 'budget'];

/**
 * Whether an error may be gone with the next connection: the network or the server is in trouble, or a local policy
 * turned the attempt away. Another 4xx than 408, 425 and 429, a wrong content type or an abort stays.
 */
export function mayPass(error: unknown): boolean {
  if (!isApiError(error)) return false;
  if (error.kind === 'rejected') return (error as { readonly why?: unknown }).why !== 'closed';
  return error.transient || (error instanceof TimeoutError && error.which === 'queue');
}

/**
 * Reads how a source connects again; `false` means that it does not.
 *
 * @param where - the path that errors name: `eventStream.reconnect`
 * @throws ConfigError when an option is wrong
 */
export function readReconnect(input: unknown, where: string): ReconnectSettings {
  const given: ReconnectOptions = input === false ? { attempts: 1 } : readOptions(input, KEYS, where);
  const { when = mayPass, budget } = given;
  must(typeof when === 'function', `${where}.when`, 'a function of the error');
  const isBudget = budget === undefined || budget === false || does(budget, 'take', 'refund', 'earn');
  must(isBudget, `${where}.budget`, 'a budget, such as createBudget(), or false');
  const stableMs = atLeast(0, given.stableMs ?? 30_000, `${where}.stableMs`);
  return {
    baseMs: atLeast(0, given.baseMs ?? 500, `${where}.baseMs`),
    capMs: atLeast(0, given.capMs ?? 60_000, `${where}.capMs`),
    stableMs,
    provenMs: stableMs / 3,
    attempts: positiveWhole(given.attempts ?? Infinity, `${where}.attempts`),
    maxRetryAfterMs: atLeast(0, given.maxRetryAfterMs ?? 3_600_000, `${where}.maxRetryAfterMs`),
    when,
    budget,
  };
}

/** The rules of one run's ladder, on the client's clock, chance and budget. */
export function ladderRules(settings: ReconnectSettings, client: Client, origin: string, policy: string): LadderRules {
  const { budget = budgetOf(client, origin) } = settings;
  const { clock, random } = client;
  return { ...settings, budget: budget === false ? undefined : budget, clock, random, policy };
}
