import { describe, expect, it } from 'vitest';

import { isWatched, type PolicyEvent, policyEvents, tell } from '../../lib/core/policy/policy-events.js';

const event: PolicyEvent = { type: 'queued', policy: 'limitConcurrency', name: 'db', atMs: 1, waiting: 3 };

describe('policyEvents', () => {
  it('are watched from the first listener to the last', () => {
    expect(isWatched()).toBe(false);
    const [one, other] = [policyEvents.subscribe(), policyEvents.subscribe()];
    one.unsubscribe();
    expect(isWatched()).toBe(true);
    other.unsubscribe();
    expect(isWatched()).toBe(false);
  });

  it('tell all listeners each event, the same object, and nothing from before they came', () => {
    const seen: PolicyEvent[][] = [[], []];
    tell(event);
    const listening = seen.map((list) => policyEvents.subscribe((one) => list.push(one)));
    tell(event);
    for (const one of listening) one.unsubscribe();
    tell(event);
    expect(seen.map((list) => [list.length, list[0] === event])).toEqual([
      [1, true],
      [1, true],
    ]);
  });

  it('can be told from within one', () => {
    const seen: string[] = [];
    const listening = policyEvents.subscribe((one) => {
      seen.push(one.type);
      if (one.type === 'queued') tell({ ...event, type: 'rejected', why: 'queue-full' });
    });
    tell(event);
    listening.unsubscribe();
    expect(seen).toEqual(['queued', 'rejected']);
  });
});
