import type { Flow } from '../core/flow.js';
import { DEMAND_RULES } from './demand-rules.js';
import { RUN_RULES } from './run-rules.js';
import type { Runner } from './runner.js';
import { SIGNAL_RULES } from './signal-rules.js';

/** Settings for {@link obeysTheFlowRules}. */
export interface FlowRuleOptions extends Runner {
  /** Rules to leave out, by number: `['1.11']`. */
  readonly except?: readonly string[];
  /** The most values the flow can have; rules that need more are left out. @defaultValue Infinity */
  readonly most?: number;
  /** Makes a flow that fails with this error; rule 1.4 is left out without it. */
  readonly failing?: (error: unknown) => Flow<unknown>;
  /** Collects garbage; rule 3.13 is left out without it. @defaultValue `globalThis.gc`, there under `--expose-gc` */
  readonly gc?: () => void;
}

/**
 * Registers one test per rule of Reactive Streams that a source of a Flow must obey, its number in the title.
 *
 * Left out are the rules that mean nothing in one thread, and those that speak of subscribers.
 *
 * @param make - makes a flow of so many values, whichever they are; `make(Infinity)` must be endless, or have `most`
 * @param options - the runner's `it` and `expect`; see {@link FlowRuleOptions}
 * @see Reactive Streams 1.0.4 and its Technology Compatibility Kit
 *
 * @example
 * ```ts
 * import { strict as assert } from 'node:assert';
 * import { fromIterable } from 'millrace';
 * import { obeysTheFlowRules } from 'millrace/testing';
 *
 * function* upTo(count: number) {
 *   for (let n = 1; n <= count; n++) yield n;
 * }
 * const rules: Promise<void>[] = [];
 * const it = (_title: string, body: () => Promise<void>) => rules.push(body());
 * const expect = (actual: unknown) => ({ toEqual: (expected: unknown) => assert.deepEqual(actual, expected) });
 * obeysTheFlowRules((count) => fromIterable({ [Symbol.iterator]: () => upTo(count) }), { it, expect });
 * (await Promise.all(rules)).length > 20; // => true
 * ```
 */
export function obeysTheFlowRules(make: (count: number) => Flow<unknown>, options: FlowRuleOptions): void {
  const { it, expect, except = [], most = Infinity, failing, gc = (globalThis as { gc?: () => void }).gc } = options;
  const given = { failing, gc };
  const of = (count: number): Flow<unknown> => make(Math.min(count, most));
  for (const rule of [...SIGNAL_RULES, ...RUN_RULES, ...DEMAND_RULES]) {
    if (except.includes(rule.id) || rule.needs > most || (rule.with && !given[rule.with])) continue;
    it(`rule ${rule.id}: ${rule.title}`, async () => rule.check({ expect, of, failing, gc }));
  }
}
