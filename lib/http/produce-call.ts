import { LayeredProducer } from './layered-producer.js';
import type { Plan } from './plan.js';
import { subscriptionPlan } from './plan-facts.js';
import type { Producer, Receiver } from './receiver.js';
import { Run } from './run.js';

/** One subscription to a call, behind the client's layers where there are any. */
export function produceCall(plan: Plan, to: Receiver): Producer {
  const own = subscriptionPlan(plan);
  const { layers } = plan.client;
  if (layers.length === 0) return new Run(own, to);
  return new LayeredProducer(own, 0, layers, (inner, receiver) => new Run(inner, receiver), to);
}
