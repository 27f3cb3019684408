import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';

/** Where and when a part was measured. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  /** Programs that wanted the processor in the minute before, ours not among them. */
  readonly load: number;
  readonly when: string;
}

export function machine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    load: Math.round(loadavg()[0]! * 10) / 10,
    when: new Date().toISOString(),
  };
}
