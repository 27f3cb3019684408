import type { Journal, Logged } from './journal.js';
import type { Recorded, Wire } from './types.js';

/** How an exchange ends, and when; the end aborts everything that waits for it. */
export function createEnding(wire: Wire, gone: AbortController, journal: Journal) {
  const startedMs = journal.now();
  let state: Recorded['state'] = 'open';
  let endedMs = 0;
  let entry: Logged | undefined;
  const endAs = (how: Recorded['state']) => {
    if (state !== 'open') return;
    state = how;
    endedMs = journal.now();
    gone.abort(new Error('the exchange is over'));
    if (!entry) return;
    journal.done(entry);
    settle(entry, wire);
  };
  return {
    begin(logged: Logged) {
      entry = logged;
      journal.add(logged);
      wire.onGone(() => endAs(wire.complete() ? 'finished' : 'aborted'));
    },
    recorded: () => ({ state, startedMs, tookMs: (state === 'open' ? journal.now() : endedMs) - startedMs }),
    finish() {
      endAs('finished');
      // Raw bytes went past node's answer: without this, the connection's next request would wait for it for ever.
      wire.outgoing.emit('finish');
    },
    breakOff(how: 'reset' | 'fin', code?: number) {
      endAs('broken');
      if (how === 'reset') wire.reset(code);
      else if (wire.socket) wire.socket.destroySoon();
      else wire.outgoing.end();
    },
  };
}

/** Turns a log entry into plain facts once nothing of it can change, so that the log holds no sockets and no bodies. */
function settle(entry: Logged, { incoming }: Wire): void {
  const fix = () => {
    const facts = entry.recorded();
    entry.recorded = () => facts;
  };
  if (incoming.closed) fix();
  else incoming.once('close', fix);
}

/** A wait that the end of the exchange cuts short, so that no timer outlives it. */
export function sleepUntil(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.reject(signal.reason as Error);
  return new Promise((resolve, reject) => {
    const leave = () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', leave);
      resolve();
    }, ms);
    signal.addEventListener('abort', leave, { once: true });
  });
}
