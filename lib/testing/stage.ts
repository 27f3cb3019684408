import type { FlowOperator } from '../core/flow.js';
import { type Probe, probe, quiet } from './flow-probe.js';
import type { Expect } from './runner.js';
import { Upstream } from './upstream.js';

/** What a rule on operators is checked with. */
export interface StageTrial {
  readonly expect: Expect;
  make(): FlowOperator<number, unknown>;
  /** Values that the operator may pull ahead of what is needed for the demand below. */
  readonly bound: number;
  /** Results that are asked for one by one. */
  readonly results: number;
}

export interface StageRule {
  readonly id: string;
  readonly title: string;
  check(trial: StageTrial): void | Promise<void>;
}

/** More than any operator needs for the few results that the rules ask for. */
const MOST_SENT = 1_000;

/** Sends all that is asked for, one value at a time, with time between for what the operator starts. */
export async function answerAll(source: Upstream, enough: () => boolean = () => false): Promise<void> {
  while (!enough() && source.sent < MOST_SENT && source.answer()) await quiet();
}

/** How many values of the source it takes to get each result, when nothing holds the operator back. */
export async function costs(make: () => FlowOperator<number, unknown>, results: number): Promise<number[]> {
  const source = new Upstream();
  const below = probe(source.flow.via(make()), Infinity);
  const sentFor: number[] = [];
  while (sentFor.length < results && source.sent < MOST_SENT && below.ending === undefined) {
    source.send();
    await quiet();
    while (sentFor.length < below.values.length) sentFor.push(source.sent);
  }
  below.cancel();
  return sentFor.slice(0, results);
}

/** An operator between a source that is told what to do and a probe that asks for `n` results. */
export function staged<R>(make: () => FlowOperator<number, R>, n = 0): { source: Upstream; below: Probe<R> } {
  const source = new Upstream();
  return { source, below: probe(source.flow.via(make()), n) };
}
