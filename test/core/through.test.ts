import { bufferCount, concatMap, filter, map, of, take } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { through } from '../../lib/core/through.js';
import { operatorObeysTheFlowRules } from '../../lib/testing/operator-rules.js';
import { gc } from '../support/gc.js';

describe('through', () => {
  describe('one value for one', () => {
    operatorObeysTheFlowRules(() => through(map((n: number) => n * 2)), { it, expect, gc });
  });

  describe('fewer values', () => {
    operatorObeysTheFlowRules(() => through(filter((n: number) => n % 3 === 0)), { it, expect, gc, except: [] });
  });

  describe('more values', () => {
    operatorObeysTheFlowRules(() => through(concatMap((n: number) => of(n, -n))), { it, expect, gc });
  });

  describe('batches', () => {
    operatorObeysTheFlowRules(() => through(bufferCount<number>(3)), { it, expect, gc });
  });
});
