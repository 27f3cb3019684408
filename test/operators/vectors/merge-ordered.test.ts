import { describe } from 'vitest';

import { mergeOrdered } from '../../../operators/merge-ordered.js';
import { concatMapDiagrams } from '../../support/concat-map-diagrams.js';
import { flattens } from '../../support/flatten-script.js';
import { oneAtATimeDiagrams } from '../../support/merge-map-diagrams.js';

describe('diagrams of concatMap for mergeOrdered', () => {
  flattens((project) => mergeOrdered(project, { concurrency: 1 }), [...concatMapDiagrams, ...oneAtATimeDiagrams]);

  // There the error of the source cuts the running call off at once; here it has its place in the order, behind what
  // came before it.
  flattens(
    (project) => mergeOrdered(project, { concurrency: 2 }),
    [
      `
      the source fails
      source  -ab-#
              ^---!
      *       ----i|
              -^----!
              --^----!
      result  -----ii#
      `,
    ],
  );
});
