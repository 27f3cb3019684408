import { describe } from 'vitest';

import { mergeBounded } from '../../operators/merge-bounded.js';
import { obeysALimitThatChanges } from '../support/limit-rules.js';

// Asked for in rxjs #6036 and dotnet/reactive #48.
describe('mergeBounded with a concurrency that changes', () => {
  obeysALimitThatChanges((project, options) => mergeBounded(project, options));
});
