import { Attempt } from './attempt.js';
import { LayeredProducer } from './layered-producer.js';
import type { Plan } from './plan.js';
import type { Producer, Receiver } from './receiver.js';

/** One attempt, behind the client's attempt layers where there are any. */
export function produceAttempt(plan: Plan, attempt: number, to: Receiver): Producer {
  const { attemptLayers } = plan.client;
  if (attemptLayers.length === 0) return new Attempt(plan, attempt, to);
  return new LayeredProducer(
    plan,
    attempt,
    attemptLayers,
    (inner, receiver) => new Attempt(inner, attempt, receiver),
    to,
  );
}
