import type { Demand, FlowSubscriber, Publisher } from '../../lib/core/demand.js';
import type { FlowOperator } from '../../lib/core/flow.js';
import { flowOperator } from '../../lib/core/flow-operator.js';

/** An operator that keeps the rules and drops even numbers, written plainly so that faults can be planted in it. */
export class HonestStage implements FlowSubscriber<number>, Demand {
  protected to: FlowSubscriber<number> | undefined;
  protected source: Demand | undefined;

  constructor(to: FlowSubscriber<number>) {
    this.to = to;
  }

  onSubscribe(source: Demand): void {
    if (this.source) return this.refuse(source);
    this.source = source;
    this.to?.onSubscribe(this);
  }

  onNext(value: number): void {
    if (value % 2 === 1) this.to?.onNext(value);
    else this.askAgain();
  }

  onError(error: unknown): void {
    const to = this.leave();
    to?.onError(error);
  }

  onComplete(): void {
    const to = this.leave();
    to?.onComplete();
  }

  request(n: number): void {
    this.source?.request(n);
  }

  cancel(): void {
    const { source } = this;
    this.leave();
    source?.cancel();
  }

  protected refuse(second: Demand): void {
    second.cancel();
  }

  protected askAgain(): void {
    this.source?.request(1);
  }

  protected leave(): FlowSubscriber<number> | undefined {
    const { to } = this;
    this.to = undefined;
    return to;
  }
}

export type StageClass = new (to: FlowSubscriber<number>) => HonestStage;

/** The operator of a stage. */
export function staged(Stage: StageClass): FlowOperator<number, number> {
  return flowOperator((source: Publisher<number>, to: FlowSubscriber<number>) => source.subscribe(new Stage(to)));
}
