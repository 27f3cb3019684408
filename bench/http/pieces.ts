import type { Decoder } from 'millrace';

/** The body's bytes as they arrive. */
export const pieces: Decoder<Uint8Array> = {
  accept: '*/*',
  many: true,
  create() {
    const waiting: Uint8Array[] = [];
    return {
      push: (bytes) => void waiting.push(bytes),
      end: () => {},
      read(emit) {
        while (waiting.length > 0) if (!emit(waiting.shift()!)) return;
      },
    };
  },
};
