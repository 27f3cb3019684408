const COLON = 58;
/** Characters of the name of a field and its colon; no other has more than `event:`. */
export const DATA = 5;
export const EVENT = 6;
const ID = 3;

/**
 * How long the name at the beginning of a line is, with its colon; 0 where it is none of the usual ones.
 *
 * @param codes - has a byte at `at + EVENT`
 */
export function nameSize(codes: Uint8Array, at: number): number {
  if (isData(codes, at)) return DATA;
  if (isEvent(codes, at)) return EVENT;
  return isId(codes, at) ? ID : 0;
}

function isData(codes: Uint8Array, at: number): boolean {
  return (
    codes[at] === 100 &&
    codes[at + 1] === 97 &&
    codes[at + 2] === 116 &&
    codes[at + 3] === 97 &&
    codes[at + 4] === COLON
  );
}

function isEvent(codes: Uint8Array, at: number): boolean {
  return (
    codes[at] === 101 &&
    codes[at + 1] === 118 &&
    codes[at + 2] === 101 &&
    codes[at + 3] === 110 &&
    codes[at + 4] === 116 &&
    codes[at + 5] === COLON
  );
}

function isId(codes: Uint8Array, at: number): boolean {
  return codes[at] === 105 && codes[at + 1] === 100 && codes[at + 2] === COLON;
}
