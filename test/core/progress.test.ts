import { describe, expect, it } from 'vitest';

import { isProgress, PROGRESS } from '../../lib/core/progress.js';

describe('isProgress', () => {
  it('knows an event by its mark, also by that of another copy of the package', () => {
    expect([isProgress({ [PROGRESS]: true }), isProgress({ [Symbol.for('millrace.progress/1')]: true })]).toEqual([
      true,
      true,
    ]);
  });

  it.each([undefined, null, 0, 'sent', {}, { type: 'sent' }, [], () => undefined])('takes %s for a value', (value) => {
    expect(isProgress(value)).toBe(false);
  });
});
