import type { Recorded } from './types.js';

/** The log and every counter of one server: shared by its origins, forgotten by reset(). */
export interface Journal {
  /** Counts one more for `key` and returns the new count, from 1. */
  count(key: string): number;
  counted(key: string): number;
  /** Milliseconds since start at which `key` was counted. */
  timesOf(key: string): readonly number[];
  /** A value kept under a name until reset(), made at first use. */
  keep<T>(name: string, make: () => T): T;
  now(): number;
  add(exchange: Logged): void;
  logged(kind: Logged['kind']): Recorded[];
  open(): number;
  peak(): number;
  /** The exchange is over. */
  done(exchange: Logged): void;
  waitFor(predicate: (exchange: Recorded) => boolean, withinMs: number): Promise<Recorded>;
  fault(error: unknown): void;
  faults(): readonly string[];
  reset(): void;
  close(): void;
}

export interface Logged {
  /** Pages and control calls are `unseen`: neither logged nor counted as busy. */
  readonly kind: 'request' | 'preflight' | 'unseen';
  recorded: () => Recorded;
}

/** A log that a load test cannot grow without end: the oldest goes first. */
const mostLogged = 10_000;
const lookEveryMs = 5;

export function createJournal(): Journal {
  const start = performance.now();
  const now = () => performance.now() - start;
  const log: Logged[] = [];
  const open = new Set<Logged>();
  const counts = createCounts(now);
  const kept = new Map<string, unknown>();
  const faults: string[] = [];
  const waiters = createWaiters(() => logged('request'));
  let peak = 0;

  const logged = (kind: Logged['kind']) => log.filter((entry) => entry.kind === kind).map((entry) => entry.recorded());

  return {
    now,
    logged,
    ...counts,
    keep<T>(name: string, make: () => T): T {
      if (!kept.has(name)) kept.set(name, make());
      return kept.get(name) as T;
    },
    add(exchange) {
      if (exchange.kind === 'unseen') return;
      log.push(exchange);
      if (log.length > mostLogged) log.shift();
      open.add(exchange);
      peak = Math.max(peak, open.size);
      waiters.look();
    },
    open: () => open.size,
    peak: () => peak,
    done(exchange) {
      open.delete(exchange);
      waiters.look();
    },
    waitFor: waiters.add,
    fault: (error) => void faults.push(error instanceof Error ? (error.stack ?? error.message) : String(error)),
    faults: () => faults,
    reset() {
      for (const list of [log, faults]) list.length = 0;
      kept.clear();
      counts.forget();
      peak = open.size;
    },
    close: () => waiters.fail('the server was closed'),
  };
}

function createCounts(now: () => number) {
  const times = new Map<string, number[]>();
  return {
    count(key: string): number {
      const list = times.get(key) ?? [];
      times.set(key, list);
      return list.push(now());
    },
    counted: (key: string) => times.get(key)?.length ?? 0,
    timesOf: (key: string): readonly number[] => times.get(key) ?? [],
    forget: () => times.clear(),
  };
}

interface Waiter {
  look(list: readonly Recorded[]): boolean;
  fail(why: string): void;
}

/** Waiters look when an exchange comes or ends, and every few milliseconds, because its books change meanwhile. */
function createWaiters(read: () => Recorded[]) {
  const waiters = new Set<Waiter>();
  let timer: NodeJS.Timeout | undefined;
  const look = () => {
    if (waiters.size === 0) return;
    const list = read();
    for (const waiter of waiters) if (waiter.look(list)) waiters.delete(waiter);
    rest();
  };
  const rest = () => {
    if (waiters.size > 0) timer ??= setInterval(look, lookEveryMs);
    else timer = void clearInterval(timer);
  };
  return {
    look,
    fail(why: string) {
      for (const waiter of waiters) waiter.fail(why);
      waiters.clear();
      rest();
    },
    add(predicate: (exchange: Recorded) => boolean, withinMs: number): Promise<Recorded> {
      const until = performance.now() + withinMs;
      const promise = new Promise<Recorded>((resolve, reject) => {
        const fail = (why: string) => {
          const seen = read().map(({ id, method, url, state }) => `${id} ${method} ${url} ${state}`);
          reject(new Error(`No exchange matched: ${why}. Seen: ${seen.join('; ') || 'none'}`));
        };
        waiters.add({
          fail,
          look(list) {
            const found = list.find(predicate);
            if (found) resolve(found);
            else if (performance.now() > until) fail(`${withinMs} ms went by`);
            else return false;
            return true;
          },
        });
        look();
      });
      promise.catch(() => {}); // nobody may be listening any more when the server closes
      return promise;
    },
  };
}
