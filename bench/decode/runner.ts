import type { Prepare } from '../harness/contract.ts';
import { chunksOf, type Open, recordsOf } from './records.ts';

const TOTAL = 4_000_000;

/** Decodes a body again and again. Orders: `n` bodies. */
export const prepare: Prepare = async (
  kind = '',
  contender = '',
  size = '200',
  words = 'latin',
  chunkBytes = '65536',
) => {
  const { open } = (await import(`./contenders/${kind}/${contender}.ts`)) as { open: Open };
  const text = recordsOf(Number(size), TOTAL, words);
  const records = text.trimEnd().split('\n');
  const wanted =
    kind === 'lines'
      ? records.reduce((sum, line) => sum + line.length, 0)
      : (records.length * (records.length - 1)) / 2;
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
