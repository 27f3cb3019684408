/** The bytes 0 to 255 over and over. */
export function pattern(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => i % 256);
}

/** Whether the chunks, taken together, are that pattern. */
export function patterned(chunks: readonly Uint8Array[]): boolean {
  let at = 0;
  return chunks.every((chunk) => chunk.every((byte) => byte === at++ % 256));
}

/** Pieces of the pattern: how many were taken so far, and whether somebody said that no more are wanted. */
export interface Source extends AsyncIterable<Uint8Array> {
  readonly taken: number;
  readonly released: boolean;
}

/** A stream of `pieces` pieces of `pieceBytes` each; `Infinity` never ends; the last one may be an error. */
export function source(pieces: number, pieceBytes: number, failure?: Error): Source {
  const state = { taken: 0, released: false };
  const piece = pattern(pieceBytes);
  async function* generate(): AsyncGenerator<Uint8Array> {
    try {
      for (; state.taken < pieces; state.taken++) yield piece;
      if (failure) throw failure;
    } finally {
      state.released = true;
    }
  }
  return {
    [Symbol.asyncIterator]: generate,
    get taken() {
      return state.taken;
    },
    get released() {
      return state.released;
    },
  };
}
