import { CONCURRENCY, type Run, work } from '../job.ts';

export const run: Run = async (n) => {
  let next = 0;
  let sum = 0;
  const lane = async (): Promise<void> => {
    while (next < n) {
      const result = await work(next++);
      sum += result;
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, lane));
  return sum;
};
