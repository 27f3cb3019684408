import { ConfigError } from '../errors.js';
import { FLOW_OPERATOR, type FlowOperator } from '../flow.js';
import { joined } from '../flow-operator.js';
import { checkOrder } from './policy-order.js';
import { tagsOf, withTags } from './policy-tag.js';

/**
 * One operator out of several, outermost first, with their order checked.
 *
 * @throws ConfigError when there is none, when one does not keep demand, or when the order cannot work
 */
export function compose<T>(operators: readonly FlowOperator<T, T>[], where: string): FlowOperator<T, T> {
  if (operators.length === 0) throw new ConfigError(where, 'give at least one operator');
  for (const [i, operator] of operators.entries()) {
    if (typeof operator !== 'function' || !(FLOW_OPERATOR in operator)) {
      throw new ConfigError(`${where}[${i}]`, 'is no operator of millrace; wrap a stock one: through(map(...))');
    }
  }
  const tags = operators.flatMap((operator) => tagsOf(operator));
  checkOrder(tags, where);
  return withTags(joined(operators), tags);
}
