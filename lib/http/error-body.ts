import { type Problem, StatusError } from '../core/answer-errors.js';
import type { Head } from '../core/wire.js';
import type { Plan } from './plan.js';
import { isKeyed, isRepeatable } from './plan-facts.js';
import { readRetryAfter } from './retry-after.js';

/** Statuses that may be gone when asked again; 501 and 505 are not. */
export const TRANSIENT: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Whether a call that was answered so may do better later. */
function mayRetry(plan: Plan, status: number): boolean {
  // With a key, 409 says that the first attempt is still at work: draft-ietf-httpapi-idempotency-key-header-07.
  return isRepeatable(plan) && (TRANSIENT.has(status) || (status === 409 && isKeyed(plan)));
}

interface Parsed {
  readonly body: unknown;
  readonly problem?: Problem;
}

function parse(type: string, text: string): Parsed {
  if (!/\bjson\b/.test(type)) return { body: text };
  try {
    const body: unknown = JSON.parse(text);
    const isProblem = type.includes('problem+json') && typeof body === 'object' && body !== null;
    return isProblem ? { body, problem: body as Problem } : { body };
  } catch {
    // A server in trouble often sends less than it says: the status still counts.
    return { body: text };
  }
}

/** Gathers the body of an answer that is an error. */
export class ErrorBody {
  readonly #head: Head;
  readonly #plan: Plan;
  readonly #decoder = new TextDecoder();
  #text = '';
  #bytes = 0;

  constructor(plan: Plan, head: Head) {
    this.#plan = plan;
    this.#head = head;
  }

  /** @returns false when the body is more than `limits.errorBodyBytes` and need not be read on */
  push(bytes: Uint8Array): boolean {
    const room = this.#plan.limits.errorBodyBytes - this.#bytes;
    this.#bytes += bytes.length;
    this.#text += this.#decoder.decode(bytes.length > room ? bytes.subarray(0, room) : bytes, { stream: true });
    return bytes.length <= room;
  }

  /** @param cause - why the body is not whole, where it is not */
  toError(cause?: unknown): StatusError {
    const { status, statusText, headers } = this.#head;
    const { body, problem } = parse(headers.get('content-type') ?? '', this.#text + this.#decoder.decode());
    const title = problem && typeof problem.title === 'string' ? `: ${problem.title.slice(0, 200)}` : '';
    return new StatusError(status, `the server answered ${`${status} ${statusText}`.trim()}${title}`, {
      headers,
      body: body === '' ? undefined : body,
      problem,
      transient: TRANSIENT.has(status),
      retryable: mayRetry(this.#plan, status),
      retryAfterMs: readRetryAfter(headers, this.#plan.client.clock.now()),
      ...(cause === undefined ? {} : { cause }),
    });
  }
}
