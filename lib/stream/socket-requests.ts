import type { Subscriber } from 'rxjs';

import { type Deadlines, deadlinesOf, Timed } from '../core/deadlines.js';
import { TimeoutError } from '../core/errors.js';
import { must } from '../core/must.js';
import { atLeast } from '../core/numbers.js';
import { readOptions } from '../core/options.js';
import type { SocketData } from './socket-contract.js';
import type { Outbox, Outgoing } from './socket-outbox.js';
import type { SocketSettings } from './socket-settings.js';
import type { RequestOptions } from './socket-types.js';

/** What a request is made of. */
export interface Question extends Required<RequestOptions> {
  readonly make: (id: string) => unknown;
}

/** One request on its way: waits to be sent, then for its answer. */
class Request extends Timed implements Outgoing {
  readonly question: Question;
  readonly to: Subscriber<unknown>;
  id = '';
  data: SocketData = '';
  isSent = false;

  constructor(question: Question, to: Subscriber<unknown>) {
    super();
    this.question = question;
    this.to = to;
  }

  sent(): void {
    this.isSent = true;
  }

  lost(error: unknown): void {
    this.to.error(error);
  }

  override expire(): void {
    this.to.error(new TimeoutError('total', this.question.timeoutMs, {}, 'request.timeoutMs'));
  }
}

/** The requests that wait for their answers. */
export class Requests {
  readonly #settings: SocketSettings;
  readonly #outbox: Outbox;
  readonly #deadlines: Deadlines;
  readonly #open = new Map<string, Request>();
  #ids = 0;

  constructor(settings: SocketSettings, outbox: Outbox) {
    this.#settings = settings;
    this.#outbox = outbox;
    this.#deadlines = deadlinesOf(settings.clock);
  }

  /** Sends a request; its answer, or why there is none, goes to the subscriber. */
  ask(question: Question, to: Subscriber<unknown>): void {
    const request = new Request(question, to);
    to.add(() => {
      this.#deadlines.disarm(request);
      this.#outbox.remove(request);
      this.#open.delete(request.id);
    });
    this.#deadlines.arm(request, question.timeoutMs);
    this.#send(request);
  }

  answer(id: string, value: unknown): void {
    const request = this.#open.get(id);
    request?.to.next(value);
    request?.to.complete();
  }

  /** The connection is gone: what may be sent again waits for the next one, under an id of its own. */
  cut(error: unknown): void {
    for (const request of [...this.#open.values()]) {
      if (!request.isSent) continue;
      if (!request.question.idempotent) request.to.error(error);
      else if (!request.to.closed) this.#send(request);
    }
  }

  /** Lets go of all that wait, and gives them. */
  clear(): readonly Outgoing[] {
    const requests = [...this.#open.values()];
    this.#open.clear();
    return requests;
  }

  #send(request: Request): void {
    this.#open.delete(request.id);
    request.isSent = false;
    request.id = String(++this.#ids);
    try {
      request.data = this.#settings.codec.encode(request.question.make(request.id));
    } catch (error) {
      return request.to.error(error);
    }
    this.#open.set(request.id, request);
    this.#outbox.push(request);
  }
}

/** @throws ConfigError when an option is wrong */
export function readQuestion(make: unknown, input: unknown): Question {
  must(typeof make === 'function', 'request.make', 'a function of the id that makes the message');
  const given: RequestOptions = readOptions(input, ['timeoutMs', 'idempotent'], 'request');
  return {
    make: make as (id: string) => unknown,
    timeoutMs: atLeast(0, given.timeoutMs ?? 10_000, 'request.timeoutMs'),
    idempotent: given.idempotent === true,
  };
}
