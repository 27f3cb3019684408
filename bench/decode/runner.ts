import type { Prepare } from '../harness/contract.ts';
import { eventsOf } from './events.ts';
import { chunksOf, type Open, recordsOf, TOTAL } from './records.ts';

/** Decodes a body again and again. Orders: `n` bodies. */
export const prepare: Prepare = async (
  kind = '',
  contender = '',
  size = '200',
  words = 'latin',
  chunkBytes = '65536',
) => {
  const { open } = (await import(`./contenders/${kind}/${contender}.ts`)) as { open: Open };
  const [text, wanted] = bodyOf(kind, Number(size), words);
  const read = open(text, chunksOf(text, Number(chunkBytes)));
  return {
    async run({ n }) {
      for (let left = Number(n); left > 0; left--) {
        const found = await read();
        if (found !== wanted) throw new Error(`${found} came out instead of ${wanted}`);
      }
    },
  };
};

/** A body, and what is to come out of it. */
function bodyOf(kind: string, size: number, words: string): [text: string, wanted: number] {
  if (kind === 'sse') {
    const { text, weight } = eventsOf(words, TOTAL);
    return [text, weight];
  }
  const text = recordsOf(size, TOTAL, words);
  const records = text.trimEnd().split('\n');
  if (kind === 'lines') return [text, records.reduce((sum, line) => sum + line.length, 0)];
  return [text, (records.length * (records.length - 1)) / 2];
}
