import type { Flow } from '../core/flow.js';
import type { Expect } from './runner.js';

/** What a rule is checked with. */
export interface RuleTrial {
  readonly expect: Expect;
  /** A flow of so many values, or one that has at least as many as the rule needs. */
  of(count: number): Flow<unknown>;
  /** A flow that fails with this error; absent where none was given. */
  readonly failing?: ((error: unknown) => Flow<unknown>) | undefined;
  readonly gc?: (() => void) | undefined;
}

/** One rule: `needs` is how many values the longest flow it makes must have. */
export interface Rule {
  readonly id: string;
  readonly title: string;
  readonly needs: number;
  /** What must be there besides a flow. */
  readonly with?: 'failing' | 'gc';
  check(trial: RuleTrial): void | Promise<void>;
}
