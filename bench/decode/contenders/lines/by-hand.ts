import type { Open } from '../../records.ts';

export const open: Open = (_text, chunks) => () => {
  const text = new TextDecoder();
  let rest = '';
  let sum = 0;
  for (const chunk of chunks) {
    const parts = (rest + text.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) sum += line.length;
  }
  return sum;
};
