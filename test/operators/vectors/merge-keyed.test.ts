import { describe } from 'vitest';

import { mergeKeyed } from '../../../operators/merge-keyed.js';
import { concatMapDiagrams, failingSourceDiagrams } from '../../support/concat-map-diagrams.js';
import { flattens } from '../../support/flatten-script.js';
import { mergeMapDiagrams } from '../../support/merge-map-diagrams.js';

// Where each value has a key of its own, nothing waits.
describe('diagrams of mergeMap for mergeKeyed', () => {
  flattens((project) => mergeKeyed(project, (value) => value, { concurrency: Infinity }), mergeMapDiagrams);
});

// Where all have the same key, they wait for each other.
describe('diagrams of concatMap for mergeKeyed', () => {
  flattens((project) => mergeKeyed(project, () => 'key'), [...concatMapDiagrams, ...failingSourceDiagrams]);
});
