import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What this process holds. Unit: bytes. */
export interface Memory {
  /** Objects and buffers still in use: garbage is collected before they are counted. */
  readonly inUse: number;
  /** What the system has given to the process. */
  readonly rss: number;
}

function measure(): Memory {
  collectGarbage();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { inUse: heapUsed + external, rss };
}

/** What a {@link watchMemory} has seen so far. */
export interface MemoryWatch {
  /** Measures, unless it did so a moment ago. */
  sample(): void;
  readonly now: Memory;
  readonly peak: Memory;
  /** By how much the peak is above what was held when the watch began. */
  readonly growth: Memory;
}

/** Follows the memory of this process. */
export function watchMemory(everyMs = 400): MemoryWatch {
  const before = measure();
  let now = before;
  let peak = before;
  let measuredAt = performance.now();
  return {
    sample() {
      if (performance.now() - measuredAt < everyMs) return;
      now = measure();
      peak = { inUse: Math.max(peak.inUse, now.inUse), rss: Math.max(peak.rss, now.rss) };
      measuredAt = performance.now();
    },
    get now() {
      return now;
    },
    get peak() {
      return peak;
    },
    get growth() {
      return { inUse: peak.inUse - before.inUse, rss: peak.rss - before.rss };
    },
  };
}
