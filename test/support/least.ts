/**
 * The least of up to five durations, or the first one below a limit: a busy machine makes everything late now and then.
 *
 * @param run - gives the duration of one try, counted from 0. Unit: milliseconds
 */
export async function leastMs(limitMs: number, run: (n: number) => Promise<number>): Promise<number> {
  let least = Infinity;
  for (let n = 0; n < 5 && least >= limitMs; n++) least = Math.min(least, await run(n));
  return least;
}
