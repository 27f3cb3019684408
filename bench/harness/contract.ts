/** What a child process is told to do. */
export type Order = Readonly<Record<string, string | number>>;

/** What a child found out besides its time. */
export type Facts = Readonly<Record<string, number>>;

/** Work that can be done again and again in one child process. */
export interface Task {
  /** Brings things into place, outside of what is measured: opens connections, makes input. */
  ready?(order: Order): unknown;
  run(order: Order): Facts | void | Promise<Facts | void>;
}

/** What the module of a child exports under the name `prepare`. */
export type Prepare = (...args: string[]) => Task | Promise<Task>;

/** One run of a task, as its process measured it. */
export interface Sample {
  /** User and system time of the process, all its threads. */
  readonly cpuUs: number;
  readonly wallUs: number;
  readonly rssBytes: number;
  readonly facts: Facts;
}

/** One contender in one case. */
export interface Row {
  readonly name: string;
  /** The figure of merit in the unit of the case; less is better. */
  readonly value: number;
  /** How many times the figure of ours it is: above 1 we are ahead. The median over the rounds. */
  readonly ratio: number;
  /** Wall time, in the unit of the case. */
  readonly wall?: number;
  /** Largest resident set at the end of a round. */
  readonly rssMb?: number;
  /** The figure in each round. */
  readonly rounds?: readonly number[];
  readonly facts?: Facts;
  readonly note?: string;
}

/** The same work done by several contenders. */
export interface Case {
  /** Unique, `part/case`. */
  readonly id: string;
  /** Cases of one figure are drawn on one picture, `docs/benchmarks/<figure>.svg`. */
  readonly figure: string;
  readonly title: string;
  readonly unit: string;
  /** The row that the others are compared with. */
  readonly ours: string;
  readonly rows: readonly Row[];
  /** Contenders that could not do it, and why. */
  readonly failed?: readonly string[];
}

/** How long things may take. */
export interface Effort {
  readonly quick: boolean;
  /** Rounds in which each contender has its turn. */
  readonly rounds: number;
  /** CPU time of one turn. */
  readonly turnMs: number;
  /** CPU time before the first turn. */
  readonly warmMs: number;
}

/** A part of the bench. */
export interface Part {
  readonly name: string;
  /** One sentence for the page. */
  readonly about: string;
  run(effort: Effort): Promise<Case[]>;
}
