import type { Said } from './chat.ts';
import { type Fault, type Plan, PLAN } from './faults.ts';

/** What the server saw in one run. Counted here, so that a client cannot flatter itself. */
export interface Journal {
  readonly plan: Plan;
  requests: number;
  answered: number;
  /** Requests whose client went away before the answer was complete. */
  aborted: number;
  /** Requests in hand now. */
  open: number;
  mostOpen: number;
  readonly faults: Record<Fault, number>;
  /** Per city: attempts, those that failed, and the number of the one that was answered (0: none was). */
  readonly cities: Record<string, { attempts: number; faults: number; answeredAt: number }>;
  /** The prefixes that were searched for. */
  readonly searches: string[];
  /** Times at which the reader of the export took no more, so that the server had to wait. */
  readonly heldBack: { times: number; totalMs: number; longestMs: number };
  exportBytes: number;
  uploadBytes: number;
  /** Access tokens handed out, and the calls made with one that was used up. */
  tokens: number;
  unauthorized: number;
  /** Calls that the newest token is still good for. */
  tokenUsesLeft: number;
  /** Where each connection to the ticker began, and how many of them were cut. */
  readonly ticker: { readonly resumedAt: number[]; cuts: number };
  /** Of the chat: what was said, connections, those killed, and messages that came again. */
  readonly chat: { readonly said: Said[]; connections: number; killed: number; repeats: number };
  /** Orders, looks at the status, those that came before `notBeforeMs`. */
  readonly report: { orders: number; looks: number; early: number; notBeforeMs: number };
  /** Per page, named by its first city. */
  readonly pages: Record<number, { attempts: number; faults: number }>;
  /** Of the resumable upload: times it was begun, bytes taken, connections cut, and the digest of the whole. */
  readonly tus: { created: number; bytes: number; cuts: number; sha256: string };
}

const RUNS = 64;
const journals = new Map<string, Journal>();

/** Begins a run under a name, which then has its own plan, counts and tokens. The oldest of 64 is forgotten. */
export function beginRun(name: string, plan: Partial<Plan>): Journal {
  const journal: Journal = {
    plan: { ...PLAN, ...plan },
    requests: 0,
    answered: 0,
    aborted: 0,
    open: 0,
    mostOpen: 0,
    faults: { reset: 0, unavailable: 0, busy: 0, throttled: 0 },
    cities: {},
    searches: [],
    heldBack: { times: 0, totalMs: 0, longestMs: 0 },
    exportBytes: 0,
    uploadBytes: 0,
    tokens: 0,
    unauthorized: 0,
    tokenUsesLeft: 0,
    ticker: { resumedAt: [], cuts: 0 },
    chat: { said: [], connections: 0, killed: 0, repeats: 0 },
    report: { orders: 0, looks: 0, early: 0, notBeforeMs: 0 },
    pages: {},
    tus: { created: 0, bytes: 0, cuts: 0, sha256: '' },
  };
  journals.delete(name);
  journals.set(name, journal);
  for (const oldest of journals.keys()) if (journals.size > RUNS) journals.delete(oldest);
  return journal;
}

export const journalOf = (name: string): Journal | undefined => journals.get(name);
