/** Of RxJS 7, what holds for each operator that makes a call for a value, whichever values it leaves out. */
export const flattening: readonly string[] = [
  `
  an empty source
  source  |
          (^!)
  result  |
  `,
  `
  a source that says nothing
  source  -
          ^
  result  -
  `,
  `
  a source that fails at once
  source  #
          (^!)
  result  #
  `,
  `
  no value
  source  -----|
          ^----!
  result  -----|
  `,
  `
  no value, and the source fails
  source  -----#
          ^----!
  result  -----#
  `,
  `
  the source fails
  source  ---------x---------#
          ^------------------!
  x       --a--b--c--d--e--|
          ---------^---------!
  result  -----------a--b--c-#
  `,
  `
  empty, then empty
  source  ---------x---------y---------|
          ^----------------------------!
  x       |
          ---------(^!)
  y       |
          -------------------(^!)
  result  -----------------------------|
  `,
  `
  empty, then never
  source  ---------x---------y---------|
          ^----------------------------!
  x       |
          ---------(^!)
  y       -
          -------------------^
  result  ------------------------------
  `,
  `
  empty, then failed
  source  ---------x---------y---------|
          ^------------------!
  x       |
          ---------(^!)
  y       #
          -------------------(^!)
  result  -------------------#
  `,
];

/** The same for those that call for the first value at once and let that call run. */
export const callingAtOnce: readonly string[] = [
  `
  a call fails
  source  ---------x---------y---------|
          ^----------------------!
  x       --a--b--c--d--#
          ---------^-------------!
  y       ---f---g---h---i--
  result  -----------a--b--c--d--#
  `,
  `
  never
  source  ---------x---------y----------|
          ^-----------------------------!
  x       -
          ---------^
  y       #
  result  -------------------------------
  `,
];
