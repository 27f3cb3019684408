import fc from 'fast-check';
import { BehaviorSubject, Observable, type Subscriber } from 'rxjs';

import type { FlowOperator } from '../../lib/core/flow.js';
import { type Probe, probe } from '../../lib/testing/flow-probe.js';
import { Upstream } from '../../lib/testing/upstream.js';

/** What a call sends: the source's value that it was started for, and how many it has sent. */
export type Sent = readonly [input: number, count: number];

/** Makes the operator that is tried, around a project and a limit that changes. */
export type MakeMerge<R> = (
  project: (input: number) => Observable<Sent>,
  concurrency: Observable<number>,
) => FlowOperator<number, R>;

const KINDS = ['send', 'send', 'next', 'next', 'complete', 'complete', 'limit', 'request', 'again'];

export interface Step {
  readonly kind: string;
  readonly n: number;
}

/** Steps in any order. Those that end something are rare, since little comes after them. */
export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    kind: fc.oneof(
      { weight: 30, arbitrary: fc.constantFrom(...KINDS) },
      { weight: 2, arbitrary: fc.constantFrom('fail', 'leave', 'fail source', 'end source') },
    ),
    n: fc.nat({ max: 4 }),
  }),
  { minLength: 10, maxLength: 60 },
);

/** Plays steps on an operator between a source with demand and a subscriber with demand, and keeps count of all. */
export class MergeScript<R> {
  readonly limit = new BehaviorSubject(4);
  readonly source = new Upstream();
  readonly below: Probe<R>;
  /** The calls that run, oldest first. */
  readonly open: { readonly input: number; readonly to: Subscriber<Sent>; count: number }[] = [];
  /** The inputs of the calls, in the order of their start. */
  readonly started: number[] = [];
  /** What the calls have sent. */
  readonly sent: Sent[] = [];
  /** Calls that were started although no place was free. */
  readonly over: number[] = [];
  #sourceOver = false;
  sourceFailed = false;
  failures = 0;
  /** How many had started when a call failed. */
  startedBeforeFailure = Infinity;
  /** Called before a call starts, and when it has. */
  beforeStart: (input: number) => void = () => undefined;
  onStart: (input: number) => void = () => undefined;

  constructor(make: MakeMerge<R>) {
    this.below = probe(this.source.flow.via(make((input) => this.#call(input), this.limit)));
  }

  play({ kind, n }: Step): void {
    const call = this.open[n % Math.max(1, this.open.length)];
    if (kind === 'send') this.#answer();
    else if (kind === 'next' && call) this.#next(call);
    else if (kind === 'complete') call?.to.complete();
    else if (kind === 'fail' && call) this.#fail(() => call.to.error(new Error(`call ${call.input}`)));
    else if (kind === 'fail source')
      this.#end(() => ((this.sourceFailed = true), this.source.fail(new Error('source'))));
    else if (kind === 'end source') this.#end(() => this.source.complete());
    else if (kind === 'limit') this.limit.next(n);
    else if (kind === 'request') this.below.request(n + 1);
    else if (kind === 'leave') this.below.cancel();
    // A call that answers from within the start of another, and a source that is asked from within.
    else if (kind === 'again') this.onStart = () => this.open[0] && this.#next(this.open[0]);
  }

  /** Lets everything that is left come to its end. */
  finish(): void {
    this.onStart = () => undefined;
    this.limit.next(3);
    this.below.request(Infinity);
    while (this.source.sent < 100 && this.#answer());
    this.#end(() => this.source.complete());
    for (let call = this.open[0]; call; call = this.open[0]) {
      call.to.complete();
      if (call === this.open[0]) break;
    }
  }

  /** What is still alive and must not be, once the run is over. */
  alive(): string[] {
    return [this.open.length > 0 ? 'calls' : '', this.limit.observed ? 'limit' : ''].filter(Boolean);
  }

  #answer(): boolean {
    return !this.#sourceOver && this.source.answer();
  }

  #end(tell: () => void): void {
    if (!this.#sourceOver) tell();
    this.#sourceOver = true;
  }

  #fail(tell: () => void): void {
    this.failures++;
    this.startedBeforeFailure = Math.min(this.startedBeforeFailure, this.started.length);
    tell();
  }

  #next(call: (typeof this.open)[number]): void {
    const value: Sent = [call.input, ++call.count];
    this.sent.push(value);
    call.to.next(value);
  }

  #call(input: number): Observable<Sent> {
    return new Observable((to) => {
      const call = { input, to, count: 0 };
      this.beforeStart(input);
      this.started.push(input);
      this.open.push(call);
      if (this.open.length > this.limit.value) this.over.push(input);
      to.add(() => this.open.splice(this.open.indexOf(call), 1));
      this.onStart(input);
    });
  }
}
