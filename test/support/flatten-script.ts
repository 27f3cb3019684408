import { type Observable, type OperatorFunction, throwError } from 'rxjs';
import { expect } from 'vitest';

import type { VirtualTime } from '../../lib/testing/virtual-time.js';
import { marble } from './marble.js';

/** Makes the operator to be tried; `project` gives the call for each value. */
export type Flattening = (
  project: (value: string) => Observable<string>,
  t: VirtualTime,
) => OperatorFunction<string, string>;

/**
 * Runs diagrams of an operator that makes a call for each value. A script is a title, then a line for each diagram with
 * its name: `source`, `result`, `leave` where the subscriber leaves, and the value whose call it is, `*` for that of all,
 * with `hot` in front where it runs on its own. Lines without a name under one say when it was subscribed to; a call
 * without such a line must not be made. `throws` names the value for which no call can be made.
 */
export function flattens(make: Flattening, scripts: readonly string[]): void {
  for (const script of scripts) {
    const [title = '', ...lines] = script.trim().split('\n');
    marble(title.trim(), (t) => run(make, read(lines), t));
  }
}

interface Diagram {
  readonly name: string;
  readonly marbles: string;
  readonly subscriptions: string[];
}

function read(lines: readonly string[]): Diagram[] {
  const diagrams: Diagram[] = [];
  for (const line of lines) {
    const words = line.trim().split(/\s+/);
    if (words.length === 1) diagrams.at(-1)!.subscriptions.push(words[0]!);
    else diagrams.push({ name: words.slice(0, -1).join(' '), marbles: words.at(-1)!, subscriptions: [] });
  }
  return diagrams;
}

function run(make: Flattening, diagrams: readonly Diagram[], t: VirtualTime): void {
  const named = (name: string) => diagrams.find((diagram) => diagram.name === name);
  const calls = new Map<string, Observable<string>>();
  for (const { name, marbles, subscriptions } of diagrams) {
    if (['source', 'result', 'leave', 'throws'].includes(name)) continue;
    const call = name.startsWith('hot ') ? t.hot(marbles) : t.cold(marbles);
    calls.set(name.replace('hot ', ''), call);
    t.expectSubscriptions(call.subscriptions).toBe(subscriptions);
  }
  const failing = named('throws')?.marbles;
  const operator = make((value) => {
    // What a test throws when it fails is a string in the diagrams of RxJS.
    if (value === failing) throw 'error';
    return calls.get(value) ?? calls.get('*') ?? throwError(() => expect.unreachable(`no call for ${value}`) as never);
  }, t);
  const source = t.hot(named('source')!.marbles);
  t.expectObservable(source.pipe(operator), named('leave')?.marbles).toBe(named('result')!.marbles);
  t.expectSubscriptions(source.subscriptions).toBe(named('source')!.subscriptions);
}
