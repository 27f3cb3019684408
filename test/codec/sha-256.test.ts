import { createHash } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { Sha256 } from '../../lib/codec/sha-256.js';
import { seededRandom } from '../../lib/testing/seeded-random.js';

const expected = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

function bytesOf(length: number, random: () => number): Uint8Array {
  return Uint8Array.from({ length }, () => random() * 256);
}

describe('Sha256', () => {
  it('gives what the standard gives, for every length around the ends of its blocks', () => {
    const random = seededRandom(1);
    for (let length = 0; length <= 200; length++) {
      const bytes = bytesOf(length, random);
      const sha = new Sha256();
      sha.update(bytes);
      expect(sha.hex(), `${length} bytes`).toBe(expected(bytes));
    }
  });

  it('does not mind in which pieces a message comes', () => {
    const random = seededRandom(2);
    const bytes = bytesOf(5000, random);
    for (let round = 0; round < 100; round++) {
      const sha = new Sha256();
      for (let at = 0; at < bytes.length;) {
        const length = Math.floor(random() * 150);
        sha.update(bytes.subarray(at, at + length));
        at += length;
      }
      expect(sha.hex()).toBe(expected(bytes));
    }
  });
});
