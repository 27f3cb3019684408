import { describe, expect, it } from 'vitest';

import { type Gate, Permit } from '../../lib/core/policy/permit.js';
import { CountingGate } from '../support/gate.js';

class Noted extends Permit {
  readonly notes: unknown[] = [];
  protected granted(): void {
    this.notes.push('granted');
  }
  protected refused(error: unknown): void {
    this.notes.push(error);
  }
}

describe('Permit', () => {
  it('asks nothing before it is acquired, and its release is nothing then', () => {
    const gate = new CountingGate(1);
    const permit = new Noted();
    permit.release('success');
    expect([gate.entered, gate.left, permit.isWaiting]).toEqual([0, [], false]);
  });

  it('is given back once, whoever calls how often', () => {
    const gate = new CountingGate(1);
    const permit = new Noted();
    permit.acquire(gate);
    const error = new Error('first');
    permit.release('failure', error);
    permit.release('success');
    expect([permit.notes, gate.left, gate.errors]).toEqual([['granted'], ['failure'], [error]]);
  });

  it('leaves the queue when it is released while it waits', () => {
    const gate = new CountingGate(0);
    const permit = new Noted();
    permit.acquire(gate);
    expect(permit.isWaiting).toBe(true);
    permit.release('ignored');
    expect([gate.waiting.length, gate.abandoned, gate.left]).toEqual([0, 1, []]);
  });

  it('is not admitted any more after it has left, nor refused', () => {
    const gate = new CountingGate(0);
    const permit = new Noted();
    permit.acquire(gate);
    permit.release('ignored');
    permit.admit();
    permit.refuse(new Error('late'));
    expect(permit.notes).toEqual([]);
  });

  it('is nothing to give back after it was refused', () => {
    const gate = new CountingGate(0, 0);
    const permit = new Noted();
    permit.acquire(gate);
    permit.release('success');
    permit.admit();
    expect([permit.notes.length, gate.refused, gate.left, gate.abandoned]).toEqual([1, 1, [], 0]);
  });

  it('carries the epoch in which it was admitted', () => {
    const permit = new Noted();
    const gate: Gate = { enter: (one) => one.admit(7), abandon: () => undefined, leave: () => undefined };
    permit.acquire(gate);
    expect(permit.epoch).toBe(7);
  });

  it('tells its gate when its deadline is over, if the gate cares', () => {
    const expired: Permit[] = [];
    const gate = Object.assign(new CountingGate(1), { expired: (one: Permit) => void expired.push(one) });
    const [told, untold] = [new Noted(), new Noted()];
    told.acquire(gate);
    untold.acquire(new CountingGate(1));
    told.expire();
    untold.expire();
    new Noted().expire();
    expect(expired).toEqual([told]);
  });
});
