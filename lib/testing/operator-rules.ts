import type { Flow, FlowOperator } from '../core/flow.js';
import { fromIterable } from '../core/from-iterable.js';
import { type FlowRuleOptions, obeysTheFlowRules } from './flow-rules.js';
import { STAGE_RULES } from './stage-rules.js';
import { SUBSCRIBER_RULES } from './subscriber-rules.js';

/** Settings for {@link operatorObeysTheFlowRules}. */
export interface OperatorRuleOptions extends Omit<FlowRuleOptions, 'failing'> {
  /** Values that the operator may pull ahead of what is needed for the demand below. @defaultValue 0 */
  readonly bound?: number;
}

/** Ends even what is endless, since an operator that leaks its source would never come back. */
const RUNAWAY = 500_000;

function* upTo(count: number, error?: Error): Generator<number> {
  for (let n = 1; n <= Math.min(count, RUNAWAY); n++) yield n;
  if (error) throw error;
}

async function* slowlyUpTo(count: number, error?: Error): AsyncGenerator<number> {
  yield* upTo(count, error);
}

const SOURCES: Readonly<Record<string, (count: number, error?: Error) => Flow<number>>> = {
  'a source that answers at once': (...given) => fromIterable({ [Symbol.iterator]: () => upTo(...given) }),
  'a source that answers later': (...given) => fromIterable({ [Symbol.asyncIterator]: () => slowlyUpTo(...given) }),
};

/**
 * Registers one test per rule of Reactive Streams that an operator of a Flow must obey: those of a source, over a
 * source that answers at once and one that answers later, empty and failing ones among them; those of a subscriber;
 * and the bound on what it pulls ahead of demand.
 *
 * @param make - makes the operator; it is fed 1, 2, 3, ... and must send something sooner or later
 * @param options - the runner's `it` and `expect`, the bound, what to leave out; see {@link OperatorRuleOptions}
 * @see Reactive Streams 1.0.4, sections 2 to 4
 */
export function operatorObeysTheFlowRules(
  make: () => FlowOperator<number, unknown>,
  options: OperatorRuleOptions,
): void {
  const { it, expect, except = [], most = Infinity, bound = 0 } = options;
  for (const [name, source] of Object.entries(SOURCES)) {
    obeysTheFlowRules((count) => source(count).via(make()), {
      ...options,
      it: (title, body) => it(`over ${name}, ${title}`, body),
      failing: (error) => source(2, error as Error).via(make()),
    });
  }
  const results = Math.min(3, most);
  for (const rule of [...SUBSCRIBER_RULES, ...STAGE_RULES]) {
    if (except.includes(rule.id)) continue;
    it(`rule ${rule.id}: ${rule.title}`, async () => rule.check({ expect, make, bound, results }));
  }
}
