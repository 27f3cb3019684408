import { Session } from 'node:inspector';

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly { readonly ranges: readonly { readonly count: number }[] }[];
  }[];
}

/**
 * Makes a counter of the blocks of code that run: a measure of work that is the same on every machine, and in which a
 * loop over what waits shows.
 *
 * Make it before the code has run for the first time, since V8 counts in what it compiles from then on.
 *
 * @param files - whose blocks count, by their path
 */
export function stepCounter(files: RegExp): (run: () => void) => number {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  const take = (): number => {
    let steps = 0;
    session.post('Profiler.takePreciseCoverage', (error, { result }: Coverage) => {
      if (error) throw error;
      const functions = result.filter(({ url }) => files.test(url)).flatMap((file) => file.functions);
      for (const { ranges } of functions) for (const { count } of ranges) steps += count;
    });
    return steps;
  };
  return (run) => {
    take();
    run();
    return take();
  };
}
