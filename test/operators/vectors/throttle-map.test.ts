import { of } from 'rxjs';
import { describe } from 'vitest';

import { throttleMap, type ThrottleMapOptions } from '../../../operators/throttle-map.js';
import { callingAtOnce, flattening } from '../../support/flatten-diagrams.js';
import { type Flattening, flattens } from '../../support/flatten-script.js';

// RxJS 7, spec/operators/exhaustMap-spec.ts: without a trailing edge, what comes while a call runs is dropped.
describe('diagrams of exhaustMap for throttleMap', () => {
  flattens(
    (project, { clock }) => throttleMap(project, { windowMs: 1, trailing: false, clock }),
    [
      ...flattening,
      ...callingAtOnce,
      `
  what comes during a call is dropped
  source  ---x---------y-----------------z-------------|
          ^--------------------------------------------!
  x       --a--b--c--|
          ---^----------!
  y       --d--e--f--|
  z       --g--h--i--|
          -------------------------------^----------!
  result  -----a--b--c---------------------g--h--i-----|
  `,
      `
  the subscriber leaves
  source  ---x---------y-----------------z-------------|
          ^---------------------------------!
  x       --a--b--c--|
          ---^----------!
  y       --d--e--f--|
  z       --g--h--i--|
          -------------------------------^--!
  leave   ----------------------------------!
  result  -----a--b--c---------------------g-
  `,
      `
  a call that never completes
  source  ---x---------y-----------------z---------|
          ^----------------------------------------!
  x       --a--b--c--|
          ---^----------!
  y       --d--e--f--|
  z       --g--h--i-----
          -------------------------------^-------------
  result  -----a--b--c---------------------g--h--i-----
  `,
      `
  two at once
  source  ---------(xy)----------------|
          ^----------------------------!
  x       --a--b--c--d--e--|
          ---------^----------------!
  y       ---f---g---h---i--|
  result  -----------a--b--c--d--e-----|
  `,
      `
  what runs on its own
  source  ---------x----y-----z--------|
          ^----------------------------!
  hot x   -----a--b--c--d--e--|
          ---------^----------!
  hot y   --p-o-o-p-------f---g---h---i--|
  hot z   ---z-o-o-m-------------j---k---l---m--|
          --------------------^-----------------!
  result  -----------c--d--e-----j---k---l---m--|
  `,
    ],
  );
});

/** Calls that give the value back at once, so that only when they are made can be seen. */
const throttled =
  (options: ThrottleMapOptions): Flattening =>
  (_, { clock }) =>
    throttleMap((value: string) => of(value), { ...options, clock });

// RxJS 7, spec/operators/throttleTime-spec.ts.
describe('diagrams of throttleTime for throttleMap', () => {
  flattens(throttled({ windowMs: 5, trailing: false }), [
    `
    the first value of each window
    source  -a-x-y----b---x-cx---|
            ^--------------------!
    result  -a--------b-----c----|
    `,
    `
    values that are far apart
    source  -a--------b-----c----|
            ^--------------------!
    result  -a--------b-----c----|
    `,
    `
    values without a pause: one that comes as the window ends is used, there it is the next one
    source  abcdefabcdefabcdefabcdefa|
            ^------------------------!
    result  a----f----e----d----c----|
    `,
    `
    two at once, and the subscriber leaves
    source  -a--(bc)-------d----------------
            ^------------------------------!
    leave   -------------------------------!
    result  -a-------------d----------------
    `,
    `
    two at once, and the source fails
    source  -a--(bc)-------d---------------#
            ^------------------------------!
    result  -a-------------d---------------#
    `,
  ]);
  flattens(throttled({ windowMs: 4 }), [
    `
    the first and the last value of each window
    source  -a-xy-----b--x--cxxx--|
            ^---------------------!
    result  -a---y----b---x---x---(x|)
    `,
    `
    one value
    source  -a--------------------|
            ^---------------------!
    result  -a--------------------|
    `,
  ]);
  flattens(throttled({ windowMs: 4, leading: false }), [
    `
    the last value of each window
    source  -a-xy-----b--x--cxxx--|
            ^---------------------!
    result  -----y--------x---x---(x|)
    `,
    `
    the last value, when the source completes
    source  -a-xy-----b--x--cxx-|
            ^-------------------!
    result  -----y--------x---x-|
    `,
    `
    the only value
    source  -a--------------------|
            ^---------------------!
    result  -----a----------------|
    `,
  ]);
});

// mostjs/core, packages/core/test/limit-test.ts: there too, a value that comes as the window ends is used.
describe('events of throttle of most for throttleMap', () => {
  flattens(throttled({ windowMs: 2, trailing: false }), [
    `
    every other value
    source  abcd(e|)
            ^---!
    result  a-c-(e|)
    `,
  ]);
  flattens(throttled({ windowMs: 1, trailing: false }), [
    `
    a window as long as the time between values
    source  abcdefghi(j|)
            ^--------!
    result  abcdefghi(j|)
    `,
  ]);
});
