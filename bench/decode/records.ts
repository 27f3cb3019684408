/** What a contender exports under the name `open`: reads chunks, gives the sum of what {@link weigh} says of each record. */
export type Open = (text: string, chunks: readonly Uint8Array[]) => () => number | Promise<number>;

/** Bytes of a body. */
export const TOTAL = 4_000_000;

export interface Item {
  readonly id: number;
}

const latin = 'lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor, ';
const greek = 'λόρεμ ιψθμ δολορ σιτ αμετ, ';

/** NDJSON of about `total` bytes, in records of about `size` bytes. */
export function recordsOf(size: number, total: number, words = 'latin'): string {
  const note = words === 'latin' ? latin : greek;
  const bytes = Buffer.byteLength(note) / note.length;
  const filler = note.repeat(size).slice(0, Math.max(0, Math.round((size - 85) / bytes)));
  const count = Math.ceil(total / size);
  const record = (id: number): string =>
    JSON.stringify({ id, name: 'Grace Hopper', active: id % 2 === 0, score: id * 1.5, tags: ['a', 'b'], note: filler });
  return `${Array.from({ length: count }, (_, id) => record(id)).join('\n')}\n`;
}

/** Pieces as a socket brings them. */
export function chunksOf(text: string, bytes = 65_536): Uint8Array[] {
  const all = Buffer.from(text);
  return Array.from({ length: Math.ceil(all.length / bytes) }, (_, i) => all.subarray(i * bytes, (i + 1) * bytes));
}

export const limits = {
  bodyBytes: 0,
  errorBodyBytes: 0,
  lineBytes: 1_048_576,
  encodings: 5,
  redirects: 10,
  headerBytes: 0,
};
