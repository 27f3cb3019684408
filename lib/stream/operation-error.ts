import { ApiError, type ErrorFacts } from '../core/errors.js';

/** How an operation ended that did not succeed: `expired` when the server no longer knows of it. */
export type OperationOutcome = 'failed' | 'canceled' | 'expired';

/** What an {@link OperationError} is made of. */
export interface OperationFacts extends ErrorFacts {
  /** The server's own word for it. */
  readonly state?: string | undefined;
  /** What the server said last, where that was JSON. */
  readonly body?: unknown;
  /** What the server says went wrong. */
  readonly detail?: unknown;
}

/** A long-running operation ended without a result: every exchange went well, the work did not. */
export class OperationError extends ApiError {
  readonly kind = 'operation';
  readonly outcome: OperationOutcome;
  readonly state: string | undefined;
  readonly body: unknown;
  readonly detail: unknown;

  constructor(outcome: OperationOutcome, facts: OperationFacts = {}) {
    const told = messageOf(facts.detail);
    super(`the operation ${outcome === 'canceled' ? 'was canceled' : outcome}${told ? `: ${told}` : ''}`, facts);
    this.outcome = outcome;
    this.state = facts.state;
    this.body = facts.body;
    this.detail = facts.detail;
  }
}

function messageOf(detail: unknown): string | undefined {
  const message: unknown = (detail as { readonly message?: unknown } | null | undefined)?.message ?? detail;
  return typeof message === 'string' ? message.slice(0, 200) : undefined;
}
