import { from } from 'rxjs';

import { ProtocolError } from '../core/answer-errors.js';
import { ConfigError } from '../core/errors.js';
import { FLOW } from '../core/flow.js';
import { fromIterable } from '../core/from-iterable.js';
import { Call } from '../http/call.js';
import { asBytes, decodeWhole, followUp, type WholeAnswer } from '../http/follow-up.js';
import { joinPath, resolveTarget } from '../http/url.js';
import { jsonAnswer, placeOf, type ResultPlace, urlOf } from './operation-answer.js';
import { OperationError } from './operation-error.js';
import { type Answer, detectMode, field, judge, type Judgement } from './operation-modes.js';
import type { OperationMode, OperationReader, OperationVerdict } from './operation-types.js';
import { OperationWatch } from './operation-watch.js';

const NOTHING = new Uint8Array(0);

/** Starts an operation or goes on with one, polls until it is over, and sends its result. */
export class OperationRun<T> extends OperationWatch<T> {
  #mode: OperationMode | OperationReader | undefined;
  #isCommitted = false;

  protected override begin(): void {
    super.begin();
    if (!this.to) return;
    const { from: state, mode, prefer } = this.rules;
    if (!state) {
      const started = (answer: Answer): void => this.#started(answer);
      return this.ask(asBytes(this.plan, prefer), started, (error) => this.stop(error));
    }
    this.#mode = state.mode === 'custom' ? mode : state.mode;
    this.state = { ...state };
    this.guard(() => {
      this.#announce(undefined, undefined);
      this.waitFor(Math.max(0, state.askAtMs - this.now()));
    });
  }

  override onNext(value: T): void {
    this.#isCommitted = true;
    super.onNext(value);
  }

  /** The result could not be fetched: before its first value, that is like a poll that failed. */
  override onError(error: unknown): void {
    if (!this.#isCommitted && this.state?.resultUrl !== undefined && this.ended()) this.missed(error);
    else super.onError(error);
  }

  protected override proceed(): void {
    const state = this.state!;
    if (state.resultUrl !== undefined) return this.#fetch(state.resultUrl);
    const asked = state.monitor;
    state.polls++;
    const call = asBytes(followUp(this.plan, resolveTarget(asked, state.url, 'the state of the operation')));
    const polled = (answer: Answer): void => {
      this.#settle(answer, judge(this.#mode!, answer, state.polls, this.rules, asked));
    };
    this.ask(call, polled, (error) => this.missed(error));
  }

  #started(answer: Answer): void {
    const { plan, rules } = this;
    const named = rules.monitor?.(answer);
    const isDone = typeof field(answer.body, 'done') === 'boolean';
    const found = (): OperationMode | undefined =>
      named === undefined ? detectMode(answer, plan.method, rules) : isDone ? 'done' : 'status';
    const mode = (this.#mode = rules.mode ?? found());
    if (mode === undefined) return this.#deliver(answer);
    const { url } = answer;
    const startedMs = this.now();
    const name = typeof mode === 'string' ? mode : 'custom';
    this.state = { version: 1, mode: name, url, monitor: url, polls: 0, startedMs, askAtMs: startedMs };
    const judgement = this.#judgeFirst(mode, answer, named);
    if (judgement.state === 'running') {
      this.#note(answer, judgement);
      this.#announce(judgement.word, answer.body);
    }
    this.#settle(answer, judgement);
  }

  #judgeFirst(mode: OperationMode | OperationReader, answer: Answer, named: string | undefined): Judgement {
    if (named !== undefined && mode !== 'done') return { state: 'running', monitor: named };
    const judgement = judge(mode, answer, 0, this.rules, answer.url);
    if (mode !== 'done' || judgement.state !== 'running') return judgement;
    return { ...judgement, monitor: named ?? this.#named(answer) };
  }

  /** AIP-151: the name of an operation is its path below the service. */
  #named({ body }: Answer): string {
    const { base } = this.plan.client;
    const name = field(body, 'name');
    if (!base || typeof name !== 'string') {
      throw new ProtocolError(
        'an operation without a name, or a client without baseUrl: say where to ask with `monitor`',
      );
    }
    const { origin, path } = joinPath(base, false, `/${name}`);
    return origin + path;
  }

  #announce(word: string | undefined, body: unknown): void {
    this.tell({ type: 'started', state: word, body });
    const { push } = this.rules;
    if (push && this.to)
      this.listenTo(from(push({ ...this.state! })), (said) => this.#pushed(said as OperationVerdict));
  }

  /** Keeps what an answer says of where to ask. */
  #note(answer: Answer, judgement: Judgement): void {
    const state = this.state!;
    const location = answer.headers.get('location');
    if (location !== null) state.location = absolute(location, answer.url);
    const monitor = field(judgement, 'monitor');
    if (typeof monitor === 'string') state.monitor = urlOf(monitor, answer.url, 'the state of the operation');
  }

  #settle(answer: Answer, judgement: Judgement): void {
    const { state, word } = judgement;
    const { body } = answer;
    this.#note(answer, judgement);
    if (state === 'failed' || state === 'canceled') {
      throw new OperationError(state, { state: word, body, detail: judgement.detail });
    }
    if (state !== 'running' && state !== 'succeeded') {
      throw new ConfigError('longRunning.mode', 'must return { state }: running, succeeded, failed or canceled');
    }
    if (this.state!.polls > 0) this.tell({ type: state, state: word, body });
    if (!this.to) return;
    if (state === 'running') this.wait(answer, body);
    else this.#finish(placeOf(judgement, answer, this.plan.method, this.state!, this.rules), answer);
  }

  #pushed(said: OperationVerdict): void {
    const { state } = said;
    if (state === 'failed' || state === 'canceled')
      throw new OperationError(state, { detail: said.detail, body: said });
    if (state !== 'succeeded' || (!Object.hasOwn(said, 'result') && said.resultUrl === undefined)) return this.nudge();
    const { url } = this.state!;
    const place =
      said.resultUrl === undefined ? { value: said.result } : { url: urlOf(said.resultUrl, url, 'the result') };
    this.#finish(place, undefined);
  }

  #finish(place: ResultPlace, answer: Answer | undefined): void {
    this.rest();
    if (place === 'answer') this.#deliver(answer!);
    else if (place === 'nothing') this.#deliver({ ...answer!, bytes: NOTHING });
    else if ('url' in place) this.#fetch((this.state!.resultUrl = place.url));
    else this.#deliver(jsonAnswer(place.value));
  }

  #deliver(answer: WholeAnswer): void {
    decodeWhole(this.plan, answer).then(
      (values) => fromIterable(values as T[])[FLOW].subscribe(this),
      (error: unknown) => this.halt(error),
    );
  }

  #fetch(url: string): void {
    const target = resolveTarget(url, this.state!.url, 'the result');
    new Call<T>({ plan: followUp(this.plan, target) })[FLOW].subscribe(this);
  }
}

/** A location is kept as it is where it cannot be read: it may never be needed. */
function absolute(location: string, answerUrl: string): string {
  try {
    return urlOf(location, answerUrl, 'a location');
  } catch {
    return location;
  }
}
