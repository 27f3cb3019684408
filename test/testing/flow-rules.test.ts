import { beforeAll, describe, expect, it } from 'vitest';

import type { FlowSubscriber } from '../../lib/core/demand.js';
import { Flow } from '../../lib/core/flow.js';
import { type FlowRuleOptions, obeysTheFlowRules } from '../../lib/testing/flow-rules.js';
import type { Runner } from '../../lib/testing/runner.js';
import { gc } from '../support/gc.js';
import { HonestRun } from '../support/honest-run.js';
import { rulesIn, verdicts } from '../support/verdicts.js';

type RunClass = new (to: FlowSubscriber<number>, count: number, error?: unknown) => HonestRun;

/** Some faults never stop, so that even what is endless must end. */
const ENDLESS = 30_000;

class IgnoresDemand extends HonestRun {
  protected override add(): void {
    this.wanted = Infinity;
  }
}
class ForgetsDemand extends HonestRun {
  protected override add(n: number): void {
    this.wanted = n;
  }
}
class Recurses extends HonestRun {
  protected override run(): void {
    this.busy = false;
    super.run();
  }
}
class NeverCompletes extends HonestRun {
  protected override complete(): void {}
}
class CompletesTwice extends HonestRun {
  protected override complete(): void {
    const { to } = this;
    super.complete();
    to?.onComplete();
  }
}
class SendsAfterItsEnd extends HonestRun {
  protected override complete(): void {
    const { to } = this;
    super.complete();
    if (this.count > 0) to?.onNext(0);
  }
}
class AnswersAfterItsEnd extends HonestRun {
  readonly #last = this.to;
  override request(n: number): void {
    if (!this.to && this.sent === this.count) this.#last?.onNext(n);
    else super.request(n);
  }
}
class WrapsErrors extends HonestRun {
  protected override fail(error: unknown): void {
    super.fail(error instanceof RangeError ? error : new Error('wrapped', { cause: error }));
  }
}
class GoesOnAfterCancel extends HonestRun {
  override cancel(): void {
    this.count = Math.min(this.count, this.sent + 5);
  }
}
class WakesUpAfterCancel extends HonestRun {
  readonly #kept = this.to;
  override request(n: number): void {
    this.to = this.#kept;
    super.request(n);
  }
}
class ThrowsOnSecondCancel extends HonestRun {
  override cancel(): void {
    if (!this.to) throw new Error('already cancelled');
    super.cancel();
  }
}
class KeepsItsSubscriber extends HonestRun {
  readonly kept = this.to;
}
class PresentsItselfTwice extends HonestRun {
  override start(): void {
    super.start();
    this.to?.onSubscribe({ request: () => undefined, cancel: () => undefined });
  }
}
class SendsBeforeOnSubscribe extends HonestRun {
  override start(): void {
    if (this.count > 0) this.to?.onNext(0);
    super.start();
  }
}
class ToleratesNobody extends HonestRun {
  override start(): void {
    if (this.to) super.start();
  }
}
class IgnoresBadRequests extends HonestRun {
  protected override refuse(): void {}
}
class CannotCountThatFar extends HonestRun {
  protected override add(n: number): void {
    super.add(n);
    if (this.wanted > Number.MAX_SAFE_INTEGER) this.fail(new RangeError('too much'));
  }
}
class LetsThrowsThrough extends HonestRun {
  protected override send(): void {
    this.to?.onNext(++this.sent);
  }
}
class SwallowsThrows extends HonestRun {
  protected override send(): void {
    try {
      this.to?.onNext(++this.sent);
    } catch {
      this.cancel();
    }
  }
}

function makeWith(Run: RunClass): (count: number) => Flow<number> {
  return (count) => new Flow({ subscribe: (to) => new Run(to, Math.min(count, ENDLESS)).start() });
}

/** Two subscribers draw from one run. */
function shared(count: number): Flow<number> {
  let sent = 0;
  class Shared extends HonestRun {
    protected override send(): void {
      this.sent = sent++;
      super.send();
    }
  }
  return makeWith(Shared)(count);
}

const FAULTS: readonly (readonly [fault: string, rule: string, make: (count: number) => Flow<number>])[] = [
  ['ignores demand', '1.1', makeWith(IgnoresDemand)],
  ['forgets earlier demand', '3.8', makeWith(ForgetsDemand)],
  ['sends a value from within another', '1.3', makeWith(Recurses)],
  ['recurses', '3.3', makeWith(Recurses)],
  ['never completes', '1.5', makeWith(NeverCompletes)],
  ['never completes early', '1.2', makeWith(NeverCompletes)],
  ['answers after its end', '1.6', makeWith(AnswersAfterItsEnd)],
  ['completes twice', '1.7', makeWith(CompletesTwice)],
  ['sends after its end', '1.7', makeWith(SendsAfterItsEnd)],
  ['goes on after cancel', '1.8', makeWith(GoesOnAfterCancel)],
  ['presents itself twice', '1.9', makeWith(PresentsItselfTwice)],
  ['sends before onSubscribe', '1.9', makeWith(SendsBeforeOnSubscribe)],
  ['tolerates that there is no subscriber', '1.9', makeWith(ToleratesNobody)],
  ['serves two subscribers from one run', '1.11', shared],
  ['throws on a second cancel', '3.5', makeWith(ThrowsOnSecondCancel)],
  ['wakes up after cancel', '3.6', makeWith(WakesUpAfterCancel)],
  ['ignores bad requests', '3.9', makeWith(IgnoresBadRequests)],
  ['keeps its subscriber after cancel', '3.13', makeWith(KeepsItsSubscriber)],
  ['cannot count that far', '3.17', makeWith(CannotCountThatFar)],
];

async function brokenBy(make: (count: number) => Flow<number>, options: Partial<FlowRuleOptions> = {}) {
  const { failed } = await verdicts((runner) => obeysTheFlowRules(make, { ...runner, gc, ...options }));
  return rulesIn(failed);
}

describe('obeysTheFlowRules', () => {
  let broken: string[][];
  beforeAll(async () => {
    // All at once, since a rule that waits in vain takes its time.
    const most = (rule: string) => (rule === '3.3' ? Infinity : 1_000);
    broken = await Promise.all(
      FAULTS.map(([, rule, make]) =>
        brokenBy(make, { except: rule === '3.13' ? ['2.13'] : ['2.13', '3.13'], most: most(rule) }),
      ),
    );
  }, 30_000);

  it('passes an honest source on every rule', async () => {
    const failing = (error: unknown) => new Flow<number>({ subscribe: (to) => new HonestRun(to, 1, error).start() });
    const register = (runner: Runner) => obeysTheFlowRules(makeWith(HonestRun), { ...runner, gc, failing });
    const { passed, failed } = await verdicts(register);
    expect(failed).toEqual([]);
    expect(rulesIn(passed)).toEqual(
      ['1.1', '1.2', '1.3', '1.4', '1.5', '1.6', '1.7', '1.8', '1.9', '1.11', '2.6', '2.13']
        .concat(['3.2', '3.3', '3.5', '3.6', '3.8', '3.9', '3.13', '3.17', 'observable'])
        .toSorted(),
    );
  });

  it.each(FAULTS.map(([fault, rule], index) => [fault, rule, index] as const))(
    'catches a source that %s by rule %s',
    (_, rule, index) => {
      expect(broken[index]).toContain(rule);
    },
  );

  it('catches a source that wraps errors by rule 1.4', async () => {
    const failing = (error: unknown) => new Flow<number>({ subscribe: (to) => new WrapsErrors(to, 1, error).start() });
    expect(await brokenBy(makeWith(HonestRun), { failing })).toEqual(['1.4']);
  });

  it('catches a source that lets through what its subscriber throws, or swallows it, by rule 2.13', async () => {
    expect(await brokenBy(makeWith(LetsThrowsThrough))).toEqual(['2.13']);
    expect(await brokenBy(makeWith(SwallowsThrows))).toEqual(['2.13']);
  });

  it('leaves out what is excepted, what needs more values than there are, and what it was not given', () => {
    const titles: string[] = [];
    const register = (title: string): void => void titles.push(title);
    obeysTheFlowRules(makeWith(HonestRun), { it: register, expect, most: 1, except: ['1.5'] });
    expect(rulesIn(titles)).toEqual(['1.6', '1.7', '1.9', '3.9']);
  });
});
