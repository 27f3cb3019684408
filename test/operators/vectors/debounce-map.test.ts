import { describe } from 'vitest';
import { of } from 'rxjs';

import { debounceMap } from '../../../operators/debounce-map.js';
import { flattening } from '../../support/flatten-diagrams.js';
import { type Flattening, flattens } from '../../support/flatten-script.js';

// RxJS 7, spec/operators/switchMap-spec.ts: without a wait, the call of the next value takes the place of the one before.
describe('diagrams of switchMap for debounceMap', () => {
  flattens(
    (project, { clock }) => debounceMap(project, { waitMs: 0, clock }),
    [
      ...flattening,
      `
  the next value cancels the call
  source  ---------x---------y---------|
          ^----------------------------!
  x       --a--b--c--d--e--|
          ---------^---------!
  y       ---f---g---h---i--|
          -------------------^-----------------!
  result  -----------a--b--c----f---g---h---i--|
  `,
      `
  the subscriber leaves
  source  ---------x---------y---------|
          ^--------------------!
  x       --a--b--c--d--e--|
          ---------^---------!
  y       ---f---g---h---i--|
          -------------------^-!
  leave   ---------------------!
  result  -----------a--b--c----
  `,
      `
  a call that never completes
  source  ---------x---------y---------|
          ^----------------------------!
  x       --a--b--c--d--e--|
          ---------^---------!
  y       ---f---g---h---i--
          -------------------^
  result  -----------a--b--c----f---g---h---i--
  `,
      `
  a call fails
  source  ---------x---------y---------|
          ^----------------!
  x       --a--b--#--d--e--|
          ---------^-------!
  y       ---f---g---h---i--
  result  -----------a--b--#
  `,
      `
  what runs on its own
  source  ---------x---------y---------|
          ^----------------------------!
  hot x   -----a--b--c--d--e--|
          ---------^---------!
  hot y   --p-o-o-p-------------f---g---h---i--|
          -------------------^-----------------!
  result  -----------c--d--e----f---g---h---i--|
  `,
      `
  never, then empty
  source  ---------x---------y---------|
          ^----------------------------!
  x       -
          ---------^---------!
  y       |
          -------------------(^!)
  result  -----------------------------|
  `,
      `
  never, then failed
  source  ---------x---------y---------|
          ^------------------!
  x       -
          ---------^---------!
  y       #
          -------------------(^!)
  result  -------------------#
  `,
      `
  two at once: the first call is not made, there it is cancelled
  source  ---------(xy)----------------|
          ^----------------------------!
  x       --a--b--c--d--e--|
  y       ---f---g---h---i--|
          ---------^-----------------!
  result  ------------f---g---h---i----|
  `,
    ],
  );
});

/** Calls that give the value back at once, so that only when they are made can be seen. */
const debounced =
  (waitMs: number): Flattening =>
  (_, { clock }) =>
    debounceMap((value: string) => of(value), { waitMs, clock });

// RxJS 7, spec/operators/debounceTime-spec.ts.
describe('diagrams of debounceTime for debounceMap', () => {
  flattens(debounced(2), [
    `
    2 ms
    source  -a--bc--d---|
            ^-----------!
    result  ---a---c--d-|
    `,
    `
    the subscriber leaves
    source  --a--bc--d----|
            ^------!
    leave   -------!
    result  ----a---
    `,
  ]);
  flattens(debounced(5), [
    `
    the last one is used at once when the source completes
    source  -a--------b------c----|
            ^---------------------!
    result  ------a--------b------(c|)
    `,
    `
    two at once
    source  -a--(bc)-----------d-------|
            ^--------------------------!
    result  ---------c--------------d--|
    `,
    `
    the source does not complete
    source  -a--(bc)-----------d-------
            ^--------------------------
    result  ---------c--------------d--
    `,
    `
    what waits when the source fails is not used
    source  -a--------b------c----#
            ^---------------------!
    result  ------a--------b------#
    `,
  ]);
  flattens(debounced(4), [
    `
    without a pause
    source  --a--b--c--d--e--f--g--h-|
            ^------------------------!
    result  -------------------------(h|)
    `,
    `
    without a pause, and the source fails
    source  --a--b--c--d--e--f--g--h-#
            ^------------------------!
    result  -------------------------#
    `,
  ]);
});

// mostjs/core, packages/core/test/limit-test.ts.
describe('events of debounce of most for debounceMap', () => {
  flattens(debounced(1), [
    `
    values that are rarer than the wait
    source  a-b-c-d-(e|)
            ^-------!
    result  -a-b-c-d(e|)
    `,
    `
    one value
    source  (a|)
            (^!)
    result  (a|)
    `,
    `
    an end that comes late repeats nothing
    source  a----|
            ^----!
    result  -a---|
    `,
  ]);
  flattens(debounced(10), [
    `
    values that are more frequent than the wait
    source  abcdefghi(j|)
            ^--------!
    result  ---------(j|)
    `,
  ]);
  flattens(debounced(2), [
    `
    two bursts
    source  abc--de(f|)
            ^------!
    result  ----c--(f|)
    `,
  ]);
});
