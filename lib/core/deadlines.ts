import type { Clock } from './clock.js';

/**
 * Something with a time limit. The links live on the object itself, so that arming allocates nothing.
 *
 * Its fields, and those of other bases of what is made for each call, are assigned and not defined: V8 defines the
 * fields of a base anew for each class below it, which took 110 ns for an object of nine fields in place of 20.
 */
export abstract class Timed {
  /** @internal */ declare at: number;
  /** @internal */ declare list: DeadlineList | undefined;
  /** @internal */ declare before: Timed | undefined;
  /** @internal */ declare after: Timed | undefined;

  constructor() {
    this.at = 0;
    this.list = this.before = this.after = undefined;
  }

  /** Called once, when the armed time is over. */
  abstract expire(): void;
}

/** Deadlines of one duration: the order of arming is the order of expiry, so one timer serves them all. */
interface DeadlineList {
  readonly ms: number;
  first: Timed | undefined;
  last: Timed | undefined;
  cancel: (() => void) | undefined;
}

/** In place of a timer while a list expires, so that arming meanwhile starts no second one. */
const noTimer = (): void => undefined;

/**
 * Time limits of many calls on few timers: one per duration in use, none when nothing is armed.
 *
 * Arming and disarming are constant-time list operations and cost no closure, unlike a timer per call; arming anew
 * with the same duration, as an idle limit does for every chunk, leaves the timer alone.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #lists = new Map<number, DeadlineList>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Starts the time limit of `timed`, or starts it anew. Unit: milliseconds; `Infinity` means none.
   *
   * @param now - the clock's time, where the caller has read it already
   */
  arm(timed: Timed, ms: number, now: number = this.#clock.now()): void {
    let list = timed.list;
    if (list?.ms === ms) unlink(list, timed);
    else {
      this.disarm(timed);
      if (ms === Infinity) return;
      list = this.#lists.get(ms);
      if (!list) this.#lists.set(ms, (list = { ms, first: undefined, last: undefined, cancel: undefined }));
    }
    timed.list = list;
    timed.at = now + ms;
    timed.before = list.last;
    if (list.last) list.last.after = timed;
    else list.first = timed;
    list.last = timed;
    if (!list.cancel) this.#wait(list, ms);
  }

  /** Ends the time limit of `timed`; does nothing when it has none. */
  disarm(timed: Timed): void {
    const list = timed.list;
    if (!list) return;
    unlink(list, timed);
    timed.list = undefined;
    if (list.first) return;
    list.cancel?.();
    this.#lists.delete(list.ms);
  }

  #wait(list: DeadlineList, ms: number): void {
    list.cancel = this.#clock.after(ms, () => this.#expire(list));
  }

  #expire(list: DeadlineList): void {
    const now = this.#clock.now();
    list.cancel = noTimer;
    try {
      // A millisecond of grace: timers may fire a fraction early, and a second timer for it would cost more.
      for (let timed = list.first; timed && timed.at - now < 1; timed = list.first) {
        this.disarm(timed);
        timed.expire();
      }
    } finally {
      // Also after one of them threw: the others keep their limits.
      if (list.first) this.#wait(list, list.first.at - now);
    }
  }
}

const shared = /* @__PURE__ */ new WeakMap<Clock, Deadlines>();

/** The deadlines that everything on one clock shares: a thousand calls with the same limit then need one timer. */
export function deadlinesOf(clock: Clock): Deadlines {
  let deadlines = shared.get(clock);
  if (!deadlines) shared.set(clock, (deadlines = new Deadlines(clock)));
  return deadlines;
}

function unlink(list: DeadlineList, timed: Timed): void {
  if (timed.before) timed.before.after = timed.after;
  else list.first = timed.after;
  if (timed.after) timed.after.before = timed.before;
  else list.last = timed.before;
  timed.before = timed.after = undefined;
}
