import { describe, expect, it } from 'vitest';

import { readHouse } from './house.js';
import { rules } from './rules.js';

// The rules live beside this file, by theme; planted.test.ts shows that each of them finds what it is for.
const house = readHouse('.');

describe('in this house', () => {
  for (const [name, rule] of Object.entries(rules)) {
    it(rule.says, () => {
      const findings = rule.check(house).map(({ path, line, what }) => `${path}:${line} ${name}: ${what}`);
      expect(findings.join('\n')).toBe('');
    });
  }
});
