import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { json } from '../../lib/codec/json.js';
import { isStandardSchema } from '../../lib/codec/schema.js';

describe('isStandardSchema', () => {
  it('knows schemas, also those that are functions', () => {
    expect(isStandardSchema(z.string())).toBe(true);
    expect(isStandardSchema(Object.assign(() => true, { '~standard': { version: 1 } }))).toBe(true);
  });

  it.each([
    ['a decoder', json()],
    ['nothing', undefined],
    ['null', null],
    ['a string', '~standard'],
    ['a function', () => 1],
  ])('says no to %s', (_, value) => {
    expect(isStandardSchema(value)).toBe(false);
  });
});
