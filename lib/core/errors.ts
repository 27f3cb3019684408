/** Every way a call can fail. The list only ever grows. */
export type ErrorKind =
  | 'network'
  | 'timeout'
  | 'abort'
  | 'status'
  | 'close'
  | 'decode'
  | 'schema'
  | 'limit'
  | 'redirect'
  | 'protocol'
  | 'rejected'
  | 'all-failed'
  | 'operation'
  | 'config';

/** What was asked, safe to log: no userinfo, secrets redacted. */
export interface RequestSummary {
  readonly method: string;
  readonly url: string;
}

/** Facts common to all errors; each has a default. */
export interface ErrorFacts {
  readonly cause?: unknown;
  readonly request?: RequestSummary | undefined;
  readonly attempts?: number;
  readonly retryable?: boolean;
  readonly transient?: boolean;
  readonly retryAfterMs?: number | undefined;
}

const BRAND: unique symbol = Symbol.for('millrace.error/1');

/** The base of everything that goes wrong in millrace. Foreign errors pass through as the same object. */
export abstract class ApiError extends Error {
  abstract readonly kind: ErrorKind;
  /** The request this error belongs to, once it is known. */
  declare request?: RequestSummary;
  /** Attempts made when the error left, the failed one included. */
  attempts: number;
  /** Whether one more attempt may help: a fact the source knows, so that operators need not know HTTP. */
  retryable: boolean;
  /**
   * Whether the server or the network failed in a way that may pass. Unlike `retryable` it says nothing of whether the
   * call may be repeated, and stays when retries are used up: breakers and limits count it.
   */
  readonly transient: boolean;
  /** How long the server asked to wait. Unit: milliseconds. */
  declare retryAfterMs?: number;
  /** When the server may be asked again. */
  declare retryAt?: Date;

  constructor(message: string, facts: ErrorFacts = {}) {
    super(message, 'cause' in facts ? { cause: facts.cause } : undefined);
    this.name = new.target.name;
    this.attempts = facts.attempts ?? 0;
    this.retryable = facts.retryable ?? false;
    this.transient = facts.transient ?? this.retryable;
    if (facts.request) this.request = facts.request;
    if (facts.retryAfterMs !== undefined) this.retryAfterMs = facts.retryAfterMs;
  }

  /** Marks instances across copies of the package, where `instanceof` fails. */
  get [BRAND](): true {
    return true;
  }
}

/** Whether a value is an {@link ApiError}, also one made by another copy of the package. */
export function isApiError(value: unknown): value is ApiError {
  return typeof value === 'object' && value !== null && BRAND in value;
}

/** Whether an error says that one more attempt may help. */
export function isRetryable(error: unknown): boolean {
  return isApiError(error) && error.retryable;
}

/** Whether an error says that the server or the network failed in a way that may pass. */
export function isTransient(error: unknown): boolean {
  return isApiError(error) && error.transient;
}

/** Where an exchange was when the network failed. */
export type NetworkPhase = 'dns' | 'connect' | 'tls' | 'send' | 'receive';

/** The network failed: no host, no connection, or a connection lost on the way. */
export class NetworkError extends ApiError {
  readonly kind = 'network';
  readonly phase: NetworkPhase;
  constructor(message: string, phase: NetworkPhase, facts?: ErrorFacts) {
    super(message, { retryable: true, transient: true, ...facts });
    this.phase = phase;
  }
}

/** Which clock ran out. */
export type TimeoutKind = 'queue' | 'headers' | 'attempt' | 'idle' | 'total';

/** A time limit ran out. A total timeout keeps the last attempt's error as its cause. */
export class TimeoutError extends ApiError {
  readonly kind = 'timeout';
  readonly which: TimeoutKind;
  /** The limit that ran out. Unit: milliseconds. */
  readonly limitMs: number;

  /** @param setting - the option that set the limit, for the message */
  constructor(which: TimeoutKind, limitMs: number, facts?: ErrorFacts, setting = `timeouts.${which}Ms`) {
    super(`no answer within the ${which} limit of ${limitMs} ms (${setting})`, {
      retryable: which !== 'total',
      transient: which !== 'queue',
      ...facts,
    });
    this.which = which;
    this.limitMs = limitMs;
  }
}

/** The caller's signal aborted the call. */
export class AbortError extends ApiError {
  readonly kind = 'abort';
  /** What the caller gave as the reason. */
  readonly reason: unknown;
  constructor(reason: unknown, facts?: ErrorFacts) {
    super('aborted by the caller', { cause: reason, ...facts });
    this.reason = reason;
  }
}

/** Why a call was turned away before it was sent. */
export type RejectedWhy = 'circuit-open' | 'queue-full' | 'rate-limited' | 'budget' | 'closed';

/** A local policy turned the call away. */
export class RejectedError extends ApiError {
  readonly kind = 'rejected';
  readonly why: RejectedWhy;
  constructor(why: RejectedWhy, message: string, facts?: ErrorFacts) {
    super(message, facts);
    this.why = why;
  }
}

/** The program asked for something that cannot be: the message names the field and the fix. */
export class ConfigError extends ApiError {
  readonly kind = 'config';
  /** The option at fault, as a path: `timeouts.totalMs`. */
  readonly field: string;
  constructor(field: string, message: string, facts?: ErrorFacts) {
    super(`${field}: ${message}`, facts);
    this.field = field;
  }
}
