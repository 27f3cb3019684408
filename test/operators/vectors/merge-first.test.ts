import { describe } from 'vitest';

import { mergeFirst } from '../../../operators/merge-first.js';
import { flattens } from '../../support/flatten-script.js';

// RxJS 7, spec/observables/race-spec.ts. There whoever says anything first wins, an error or the end too; here a value
// wins, so that the others get their chance when one fails or has nothing.
describe('diagrams of race for mergeFirst', () => {
  flattens(
    (project) => mergeFirst(project),
    [
      `
    a single one
    source  (p|)
            (^!)
    p       ---a-----b-----c----|
            ^-------------------!
    result  ---a-----b-----c----|
    `,
      `
    the first wins
    source  (pq|)
            (^!)
    p       ---a-----b-----c----|
            ^-------------------!
    q       ------x-----y-----z----|
            ^--!
    result  ---a-----b-----c----|
    `,
      `
    the second wins
    source  (pq|)
            (^!)
    p       ------x-----y-----z----|
            ^--!
    q       ---a-----b-----c----|
            ^-------------------!
    result  ---a-----b-----c----|
    `,
      `
    among those that run on their own
    source  (pq|)
            (^!)
    hot p   ---a-----b-----c----|
            ^-------------------!
    hot q   ------x-----y-----z----|
            ^--!
    result  ---a-----b-----c----|
    `,
      `
    the subscriber leaves
    source  (pq|)
            (^!)
    p       ---a-----b-----c----|
            ^-----------!
    hot q   ------x-----y-----z----|
            ^--!
    leave   ------------!
    result  ---a-----b---
    `,
      `
    nobody sends anything
    source  (pq|)
            (^!)
    p       ---|
            ^--!
    q       ---|
            ^--!
    result  ---|
    `,
      `
    the winner fails
    source  (pq|)
            (^!)
    p       ---a-----#
            ^--------!
    q       ------x-----y-----z----|
            ^--!
    result  ---a-----#
    `,
      `
    the first ends without a value: that is the end there
    source  (pq|)
            (^!)
    p       -----|
            ^----!
    hot q   ------x-----y-----z----|
            ^----------------------!
    result  ------x-----y-----z----|
    `,
      `
    the first fails: that is the end there
    source  (pq|)
            (^!)
    p       ---#
            ^--!
    q       ------x-----y-----z----|
            ^----------------------!
    result  ------x-----y-----z----|
    `,
    ],
  );
});
