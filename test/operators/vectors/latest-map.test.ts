import { describe } from 'vitest';

import { latestMap } from '../../../operators/latest-map.js';
import { callingAtOnce, flattening } from '../../support/flatten-diagrams.js';
import { flattens } from '../../support/flatten-script.js';

// RxJS 7, spec/operators/exhaustMap-spec.ts: what comes while a call runs is dropped there; here the newest of it waits.
// Where nothing comes during a call the two are the same.
describe('diagrams of exhaustMap for latestMap', () => {
  flattens(
    (project) => latestMap(project),
    [
      ...flattening,
      ...callingAtOnce,
      `
    what comes during a call waits
    source  ---x---------y-----------------z-------------|
            ^--------------------------------------------!
    x       --a--b--c--|
            ---^----------!
    y       --d--e--f--|
            --------------^----------!
    z       --g--h--i--|
            -------------------------------^----------!
    result  -----a--b--c----d--e--f----------g--h--i-----|
    `,
      `
    two at once: both are called, one after the other
    source  ---------(xy)----------------|
            ^----------------------------!
    x       --a--b--c--d--e--|
            ---------^----------------!
    y       ---f---g---h---i--|
            --------------------------^-----------------!
    result  -----------a--b--c--d--e-----f---g---h---i--|
    `,
      `
    three at once: the second is never called
    source  ---------(xyz)---------------|
            ^----------------------------!
    x       --a--b--c--d--e--|
            ---------^----------------!
    y       ---f---g---h---i--|
    z       --g|
            --------------------------^--!
    result  -----------a--b--c--d--e----g|
    `,
    ],
  );
});
