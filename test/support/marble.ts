import { expect, it } from 'vitest';

import { type VirtualTime, virtualTime } from '../../lib/testing/virtual-time.js';

/** A test in virtual time, with marbles. */
export function marble(title: string, body: (t: VirtualTime) => void): void {
  it(title, () => virtualTime(expect, body));
}
