import { LimitError } from '../core/answer-errors.js';
import type { ApiError, TimeoutError } from '../core/errors.js';
import { PROGRESS } from '../core/progress.js';
import type { Head } from '../core/wire.js';
import { AttemptHops } from './attempt-hops.js';
import { type BodyOwner, BodyReader } from './body-reader.js';
import { ErrorBody } from './error-body.js';
import type { Plan } from './plan.js';
import { isRepeatable } from './plan-facts.js';
import type { Receiver } from './receiver.js';

/**
 * One attempt: its hops, their answers, its time limits. It is the transport's sink and the caller's handle at once,
 * so that a call costs no closure per event.
 */
export class Attempt extends AttemptHops implements BodyOwner {
  readonly #number: number;
  #reader: BodyReader | undefined;
  #errorBody: ErrorBody | undefined;
  #loaded = 0;
  #total: number | undefined;
  #flowing = true;

  constructor(plan: Plan, number: number, to: Receiver) {
    super(plan, to);
    this.#number = number;
  }

  sent(): void {
    if (this.to.events) this.to.progress({ type: 'sent', attempt: this.#number, [PROGRESS]: true });
  }

  uploaded(loaded: number, total?: number): void {
    this.uploading(loaded === total);
    this.to.uploaded();
    if (this.to.events) this.to.progress({ type: 'upload', attempt: this.#number, loaded, total, [PROGRESS]: true });
  }

  head(head: Head): void {
    try {
      if (this.goesOn(head)) return this.discarding();
    } catch (error) {
      return this.failed(error);
    }
    const { status, statusText, headers } = head;
    const url = head.url ?? this.hop.target.origin + this.hop.target.path;
    const ok = this.plan.anyStatus || (status >= 200 && status < 300);
    const { many } = this.plan.decoder;
    this.headed(ok && many);
    if (this.to.events) {
      const length = headers.get('content-encoding') ? null : headers.get('content-length');
      this.#total = length !== null && /^\d+$/.test(length) ? Number(length) : undefined;
      this.to.progress({ type: 'head', attempt: this.#number, status, statusText, headers, url, [PROGRESS]: true });
    }
    if (!ok) {
      this.#errorBody = new ErrorBody(this.plan, head);
      return;
    }
    this.to.head(head, url, this.#number);
    try {
      this.#reader = new BodyReader(this.plan.decoder, head, this.plan.limits, this);
    } catch (error) {
      // A decoder may refuse an answer by its head.
      this.failed(error);
    }
  }

  chunk(bytes: Uint8Array): void {
    if (this.then) {
      this.discard(bytes.length);
      return;
    }
    this.heard();
    this.#loaded += bytes.length;
    if (this.to.events && bytes.length > 0) {
      const attempt = this.#number;
      this.to.progress({ type: 'download', attempt, loaded: this.#loaded, total: this.#total, [PROGRESS]: true });
    }
    const { bodyBytes, errorBodyBytes } = this.plan.limits;
    if (this.#errorBody) {
      if (this.#errorBody.push(bytes)) return;
      this.failed(this.#errorBody.toError(new LimitError('errorBodyBytes', errorBodyBytes, 'the body of the error')));
    } else if (this.plan.gather && this.#loaded > bodyBytes) {
      this.failed(new LimitError('bodyBytes', bodyBytes, 'too many bytes to gather in one response'));
    } else this.#reader?.push(bytes);
  }

  end(): void {
    this.handle = undefined;
    if (this.then) return this.follow();
    this.stopped();
    if (this.#errorBody) this.failed(this.#errorBody.toError());
    else this.#reader?.end();
  }

  fail(error: ApiError): void {
    this.handle = undefined;
    // The head of the unwanted answer told enough.
    if (this.then) return this.follow();
    if (this.#errorBody) return this.failed(this.#errorBody.toError(error));
    error.retryable &&= isRepeatable(this.plan);
    this.failed(error);
  }

  protected override timedOut(error: TimeoutError): void {
    if (this.then && error.which === 'headers') return this.follow();
    error.retryable = error.which !== 'queue' && isRepeatable(this.plan);
    this.failed(this.#errorBody?.toError(error) ?? error);
  }

  wanted(): boolean {
    return !this.over && this.to.wanted();
  }

  value(value: unknown): void {
    this.to.value(value);
  }

  flow(open: boolean): void {
    if (open === this.#flowing || !this.handle) return;
    this.#flowing = open;
    if (open) {
      this.released();
      this.handle.resume();
    } else {
      this.held();
      this.handle.pause();
    }
  }

  done(): void {
    this.over = true;
    this.stopped();
    this.to.complete();
  }

  resume(): void {
    this.#reader?.resume();
  }

  override cancel(): void {
    this.#reader?.close();
    super.cancel();
  }
}
