import type { Project } from '../project.js';
import type { Backlog } from './backlog.js';
import type { Places } from './places.js';

/** How a merge behaves; shared by all runs of an operator. */
export interface MergeRules<T, R> {
  readonly project: Project<T, R>;
  /** Made for each run. */
  readonly places: () => Places;
  /** Made for each run. */
  readonly backlog: () => Backlog<T>;
  /** Values that may wait in the backlog. */
  readonly lookAhead: number;
}
