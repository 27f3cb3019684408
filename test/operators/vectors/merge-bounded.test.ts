import { describe } from 'vitest';

import { mergeBounded } from '../../../operators/merge-bounded.js';
import { concatMapDiagrams } from '../../support/concat-map-diagrams.js';
import { flattens } from '../../support/flatten-script.js';
import { mergeMapDiagrams, oneAtATimeDiagrams, twoAtATimeDiagrams } from '../../support/merge-map-diagrams.js';

describe('diagrams of mergeMap for mergeBounded', () => {
  flattens((project) => mergeBounded(project, { concurrency: Infinity }), mergeMapDiagrams);
  flattens((project) => mergeBounded(project, { concurrency: 1 }), oneAtATimeDiagrams);
  flattens((project) => mergeBounded(project, { concurrency: 2 }), twoAtATimeDiagrams);
});

describe('diagrams of concatMap for mergeBounded', () => {
  flattens((project) => mergeBounded(project, { concurrency: 1 }), concatMapDiagrams);

  // There the error of the source cuts the running call off at once. Here one value is asked for at a time, so what a
  // plain source sends early waits in front, and its error behind that: it comes when it would have come from a source
  // that can be held back.
  flattens(
    (project) => mergeBounded(project, { concurrency: 1 }),
    [
      `
      the source fails
      source  -a---b---c---d---#
              ^----------------!
      *       --i-j-k-l-|
              -^---------!
              -----------^---------!
              ---------------------^---------!
              -------------------------------(^!)
      result  ---i-j-k-l---i-j-k-l---i-j-k-l-#
      `,
    ],
  );
});

// mostjs/core, packages/core/test/combinator/mergeConcurrently-test.ts, slowed down to five milliseconds.
describe('events of mergeConcurrently of most for mergeBounded', () => {
  flattens(
    (project) => mergeBounded(project, { concurrency: 2 }),
    [
      `
      up to so many at once
      source  (abc|)
              (^!)
      a       1----1----(1|)
              ^---------!
      b       2----2----(2|)
              ^---------!
      c       3----3----(3|)
              ----------^---------!
      result  (12)-(12)-(123)3----(3|)
      `,
    ],
  );
  flattens(
    (project) => mergeBounded(project, { concurrency: 3 }),
    [
      `
      all, when there are no more
      source  a----b----(c|)
              ^---------!
      a       1----1----1----(1|)
              ^--------------!
      b       2----2----(2|)
              -----^---------!
      c       3----(3|)
              ----------^----!
      result  1----(12)-(123)(123|)
      `,
    ],
  );
});
