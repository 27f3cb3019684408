import { map, type Observable } from 'rxjs';
import { beforeAll, describe, expect, it } from 'vitest';

import type { Demand, FlowSubscriber, Publisher } from '../../lib/core/demand.js';
import type { FlowOperator } from '../../lib/core/flow.js';
import { flowOperator } from '../../lib/core/flow-operator.js';
import { Waiting } from '../../lib/core/waiting.js';
import { operatorObeysTheFlowRules } from '../../lib/testing/operator-rules.js';
import { gc } from '../support/gc.js';
import { HonestStage, staged, type StageClass } from '../support/honest-stage.js';
import { rulesIn, verdicts } from '../support/verdicts.js';

class PullsAhead extends HonestStage {
  override onSubscribe(source: Demand): void {
    super.onSubscribe(source);
    source.request(3);
  }
}
class ForgetsToAskAgain extends HonestStage {
  protected override askAgain(): void {}
}
class AsksBadly extends HonestStage {
  protected override askAgain(): void {
    super.askAgain();
    this.source?.request(0);
  }
}
class CancelsWhatIsOver extends HonestStage {
  override onComplete(): void {
    this.source?.cancel();
    super.onComplete();
  }
}
class TakesTheSecondDemand extends HonestStage {
  protected override refuse(): void {}
}
class Leaks extends HonestStage {
  override cancel(): void {
    this.leave();
  }
}
class SendsAfterCancel extends HonestStage {
  protected override leave() {
    const { to } = this;
    return to;
  }
}
class IgnoresEarlyCompletion extends HonestStage {
  #asked = false;
  override request(n: number): void {
    this.#asked = true;
    super.request(n);
  }
  override onComplete(): void {
    if (this.#asked) super.onComplete();
  }
}
class IgnoresEarlyErrors extends HonestStage {
  #asked = false;
  override request(n: number): void {
    this.#asked = true;
    super.request(n);
  }
  override onError(error: unknown): void {
    if (this.#asked) super.onError(error);
  }
}
class LosesCompletionWithinRequest extends HonestStage {
  #requesting = false;
  override request(n: number): void {
    this.#requesting = true;
    super.request(n);
    this.#requesting = false;
  }
  override onComplete(): void {
    if (!this.#requesting) super.onComplete();
  }
}
class WrapsErrors extends HonestStage {
  override onError(error: unknown): void {
    super.onError(error instanceof RangeError ? error : new Error('wrapped', { cause: error }));
  }
}
class TalksFirst extends HonestStage {
  override request(n: number): void {
    this.to?.onNext(0);
    super.request(n);
  }
}

/** Behaves otherwise where the source carries no demand. */
function differsInAPipe(): FlowOperator<number, number> {
  const honest = staged(HonestStage);
  const operator = (source: Observable<number>) =>
    source[Symbol.for('millrace.flow/1') as never] ? honest(source) : source.pipe(map((n) => n));
  return Object.assign(operator, honest) as FlowOperator<number, number>;
}

/** Keeps the rules, and some values ahead of demand. */
class Prefetch extends Waiting<number> implements FlowSubscriber<number> {
  readonly #ahead: number;
  #source: Demand | undefined;
  #over = false;
  constructor(to: FlowSubscriber<number>, ahead: number) {
    super(to);
    this.#ahead = ahead;
  }
  onSubscribe(source: Demand): void {
    if (this.#source) return source.cancel();
    this.#source = source;
    this.start();
    source.request(this.#ahead);
  }
  onNext(value: number): void {
    this.waiting.push(value);
    this.drain();
  }
  onError(error: unknown): void {
    this.#over = true;
    this.fail(error);
  }
  onComplete(): void {
    this.#over = true;
    this.complete();
  }
  protected override pull(): boolean {
    if (!super.pull()) return false;
    this.#source!.request(1);
    return true;
  }
  protected override release(): void {
    super.release();
    if (!this.#over) this.#source?.cancel();
  }
}

function prefetches(ahead: number): FlowOperator<number, number> {
  return flowOperator((source: Publisher<number>, to: FlowSubscriber<number>) =>
    source.subscribe(new Prefetch(to, ahead)),
  );
}

const make = (Stage: StageClass) => () => staged(Stage);

const FAULTS: readonly (readonly [fault: string, rule: string, one: () => FlowOperator<number, unknown>])[] = [
  ['pulls ahead of demand', 'bound', make(PullsAhead)],
  ['forgets to ask again', 'replenish', make(ForgetsToAskAgain)],
  ['asks for nothing', 'replenish', make(AsksBadly)],
  ['cancels what is over', '2.3', make(CancelsWhatIsOver)],
  ['takes a second demand', '2.5', make(TakesTheSecondDemand)],
  ['leaks its source', '2.6', make(Leaks)],
  ['sends after cancel', '2.8', make(SendsAfterCancel)],
  ['ignores an early completion', '2.9', make(IgnoresEarlyCompletion)],
  ['ignores an early error', '2.10', make(IgnoresEarlyErrors)],
  ['loses a completion within request', '3.10', make(LosesCompletionWithinRequest)],
  ['wraps errors', '4.2', make(WrapsErrors)],
  ['talks first', 'silent', make(TalksFirst)],
  ['differs in a pipe', 'pipe', differsInAPipe],
];

describe('operatorObeysTheFlowRules', () => {
  let broken: string[][];
  beforeAll(async () => {
    const brokenBy = async (one: () => FlowOperator<number, unknown>) =>
      rulesIn(
        (
          await verdicts((runner) =>
            operatorObeysTheFlowRules(one, { ...runner, most: 1_000, except: ['2.13', '3.13'] }),
          )
        ).failed,
      );
    broken = await Promise.all(FAULTS.map(([, , one]) => brokenBy(one)));
  }, 30_000);

  it('passes an honest operator on every rule', async () => {
    const { passed, failed } = await verdicts((runner) =>
      operatorObeysTheFlowRules(make(HonestStage), { ...runner, gc }),
    );
    expect(failed).toEqual([]);
    expect(passed.length).toBeGreaterThan(50);
  });

  it.each(FAULTS.map(([fault, rule], index) => [fault, rule, index] as const))(
    'catches an operator that %s by rule %s',
    (_, rule, index) => {
      expect(broken[index]).toContain(rule);
    },
  );

  it('allows what is pulled ahead within the bound, and no more', async () => {
    const brokenWith = async (bound: number) =>
      rulesIn(
        (
          await verdicts((runner) =>
            operatorObeysTheFlowRules(() => prefetches(3), { ...runner, gc, bound, most: 1_000 }),
          )
        ).failed,
      );
    expect(await brokenWith(3)).toEqual([]);
    expect(await brokenWith(2)).toEqual(['bound']);
  });

  it('leaves out what is excepted', () => {
    const titles: string[] = [];
    const register = (title: string): void => void titles.push(title);
    operatorObeysTheFlowRules(make(HonestStage), { it: register, expect, except: ['bound', '1.1'] });
    expect(rulesIn(titles)).not.toContain('bound');
    expect(rulesIn(titles)).not.toContain('1.1');
  });
});
