import type { FlowOperator } from '../lib/core/flow.js';
import { flowOperator } from '../lib/core/flow-operator.js';
import { OrderedMerge } from '../lib/core/ordered-merge.js';
import type { Project } from '../lib/core/project.js';

export interface MergeOrderedOptions { readonly concurrency?: number }
export function mergeOrdered<T, R>(project: Project<T, R>, options: MergeOrderedOptions = {}): FlowOperator<T, R> {
  const { concurrency = 16 } = options;
  return flowOperator((source, to) => source.subscribe(new OrderedMerge(to, project, concurrency)));
}
