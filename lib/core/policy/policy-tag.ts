import type { FlowOperator } from '../flow.js';

/** Under this symbol a policy says what it is, so that an order of several can be checked. */
const POLICY: unique symbol = Symbol.for('millrace.policy/1');

/** What an operator is among policies. */
export interface PolicyTag {
  /** The operator's name, such as `retryBackoff`. */
  readonly policy: string;
  /** What it shares with other subscriptions: a breaker, a bulkhead. The same one twice in a row counts twice. */
  readonly state?: object | undefined;
}

type Tagged = { readonly [POLICY]?: readonly PolicyTag[] };

/** Marks an operator as a policy. */
export function tagged<T, R>(operator: FlowOperator<T, R>, policy: string, state?: object): FlowOperator<T, R> {
  return withTags(operator, [{ policy, state }]);
}

/** Marks a chain of policies with those of its links, outermost first. */
export function withTags<T, R>(operator: FlowOperator<T, R>, tags: readonly PolicyTag[]): FlowOperator<T, R> {
  return Object.assign(operator, { [POLICY]: tags });
}

/** The policies that an operator stands for, outermost first; empty for one that is none. */
export function tagsOf(operator: object): readonly PolicyTag[] {
  return (operator as Tagged)[POLICY] ?? [];
}
