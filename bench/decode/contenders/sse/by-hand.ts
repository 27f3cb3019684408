import type { Open } from '../../records.ts';

// What most people write. It knows LF only, and neither ids nor the standard's rules for fields.
export const open: Open = (_text, chunks) => () => {
  const text = new TextDecoder();
  let rest = '';
  let sum = 0;
  for (const chunk of chunks) {
    const blocks = (rest + text.decode(chunk, { stream: true })).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = block.split('\n').filter((line) => line.startsWith('data: '));
      sum += data.map((line) => line.slice(6)).join('\n').length;
    }
  }
  return sum;
};
