import type { Observable } from 'rxjs';

import type { FlowSubscriber, Publisher } from './demand.js';
import { FLOW, FLOW_OPERATOR, Flow, type FlowOperator, isFlow } from './flow.js';
import { waitingPublisher } from './waiting.js';

/**
 * Subscribes one run of an operator: receives the source and the subscriber below, and must call the source's
 * `subscribe` once with a subscriber that honours the demand from below. `isHeld` says whether the source can be held
 * back; one that cannot queues without a bound what it sends too early.
 */
export type Attach<T, R> = (source: Publisher<T>, to: FlowSubscriber<R>, isHeld: boolean) => void;

/** A source with an operator on it. */
class Stage<T, R> implements Publisher<R> {
  readonly #source: Publisher<T>;
  readonly #attach: Attach<T, R>;
  readonly #isHeld: boolean;

  constructor(source: Publisher<T>, attach: Attach<T, R>, isHeld: boolean) {
    this.#source = source;
    this.#attach = attach;
    this.#isHeld = isHeld;
  }

  subscribe(to: FlowSubscriber<R> | null | undefined): void {
    if (!to) throw new TypeError('subscribe: there is no subscriber (Reactive Streams rule 1.9)');
    this.#attach(this.#source, to, this.#isHeld);
  }
}

/** Under this symbol an operator keeps how it attaches: for {@link joined}. */
const ATTACH: unique symbol = Symbol('attach');

type Attachable = { readonly [ATTACH]?: Attach<unknown, unknown> };

/** Makes a {@link FlowOperator} from what subscribes one run of it. */
export function flowOperator<T, R>(attach: Attach<T, R>): FlowOperator<T, R> {
  const operator = (source: Observable<T>): Flow<R> => {
    const isHeld = isFlow(source);
    return new Flow<R>(new Stage(isHeld ? source[FLOW] : waitingPublisher(source), attach, isHeld));
  };
  return Object.assign(operator, { [FLOW_OPERATOR]: true as const, [ATTACH]: attach });
}

/**
 * Several operators as one, outermost first. They are joined by their publishers, when somebody subscribes: a Flow for
 * each would be five objects more per call and operator, none of which anybody sees.
 */
export function joined<T>(operators: readonly FlowOperator<T, T>[]): FlowOperator<T, T> {
  const innermost = operators.length - 1;
  return flowOperator((source, to, isHeld) => {
    let publisher = source;
    for (let i = innermost; i >= 0; i--) publisher = onto(publisher, operators[i]!, isHeld || i < innermost);
    publisher.subscribe(to);
  });
}

function onto<T>(source: Publisher<T>, operator: FlowOperator<T, T>, isHeld: boolean): Publisher<T> {
  const attach = (operator as Attachable)[ATTACH] as Attach<T, T> | undefined;
  // One of another copy of the package keeps that to itself.
  return attach ? new Stage(source, attach, isHeld) : operator(new Flow(source))[FLOW];
}
