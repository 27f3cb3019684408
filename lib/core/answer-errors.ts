import { ApiError, type ErrorFacts } from './errors.js';
import type { HeadersView } from './wire.js';

/** A problem description of RFC 9457. */
export interface Problem {
  readonly type?: string;
  readonly title?: string;
  readonly status?: number;
  readonly detail?: string;
  readonly instance?: string;
  readonly [extension: string]: unknown;
}

/** What a {@link StatusError} is made of. */
export interface StatusFacts<B> extends ErrorFacts {
  readonly headers: HeadersView;
  readonly body: B;
  readonly problem?: Problem | undefined;
}

/** The server answered with a status outside 200 to 299. */
export class StatusError<B = unknown> extends ApiError {
  readonly kind = 'status';
  readonly status: number;
  readonly headers: HeadersView;
  /** The decoded body: JSON where it was JSON, else text; `undefined` when there was none. */
  readonly body: B;
  /** Set where the server sent `application/problem+json`. */
  declare readonly problem?: Problem;
  constructor(status: number, message: string, facts: StatusFacts<B>) {
    super(message, facts);
    this.status = status;
    this.headers = facts.headers;
    this.body = facts.body;
    if (facts.problem) this.problem = facts.problem;
  }
}

/** The body is not what it claims to be, or ended too early. */
export class DecodeError extends ApiError {
  readonly kind = 'decode';
  /** The record or line the fault lies in, counted from 1; 0 when the body is one value. */
  readonly record: number;
  constructor(message: string, record = 0, facts?: ErrorFacts) {
    super(message, facts);
    this.record = record;
  }
}

/** One complaint of a schema, as Standard Schema defines it. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined;
}

/** The body decoded, and the schema refused it. */
export class SchemaError extends ApiError {
  readonly kind = 'schema';
  readonly issues: readonly SchemaIssue[];
  constructor(message: string, issues: readonly SchemaIssue[], facts?: ErrorFacts) {
    super(message, facts);
    this.issues = issues;
  }
}

/** An answer went over a limit and was refused. */
export class LimitError extends ApiError {
  readonly kind = 'limit';
  readonly which: string;
  readonly limit: number;
  constructor(which: string, limit: number, message: string, facts?: ErrorFacts) {
    super(`${message}: more than ${limit} (limits.${which})`, facts);
    this.which = which;
    this.limit = limit;
  }
}

/** A redirect that must not be followed. */
export class RedirectError extends ApiError {
  readonly kind = 'redirect';
}

/** The peer broke the protocol. */
export class ProtocolError extends ApiError {
  readonly kind = 'protocol';
  constructor(message: string, facts?: ErrorFacts) {
    super(message, { transient: true, ...facts });
  }
}
