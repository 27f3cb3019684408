import type { Observable } from 'rxjs';

import type { FlowSubscriber, Publisher } from './demand.js';
import { FLOW, FLOW_OPERATOR, Flow, type FlowOperator, isFlow } from './flow.js';
import { waitingPublisher } from './waiting.js';

/**
 * Makes a {@link FlowOperator} from a stage.
 *
 * @param attach - subscribes one run: receives the source and the subscriber below, and must call the source's
 *   `subscribe` once with a subscriber that honours the demand from below. `isHeld` says whether the source can be held
 *   back; one that cannot queues without a bound what it sends too early
 */
export function flowOperator<T, R>(
  attach: (source: Publisher<T>, to: FlowSubscriber<R>, isHeld: boolean) => void,
): FlowOperator<T, R> {
  const operator = (source: Observable<T>): Flow<R> => {
    const isHeld = isFlow(source);
    const publisher = isHeld ? source[FLOW] : waitingPublisher(source);
    return new Flow<R>({
      subscribe(to: FlowSubscriber<R> | null | undefined) {
        if (!to) throw new TypeError('subscribe: there is no subscriber (Reactive Streams rule 1.9)');
        attach(publisher, to, isHeld);
      },
    });
  };
  return Object.assign(operator, { [FLOW_OPERATOR]: true as const });
}
