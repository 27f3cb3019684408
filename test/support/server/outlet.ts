import type { Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';

import type { Journal } from './journal.js';
import type { Wire } from './types.js';

/** So much is written in one go before timers and other sockets get their turn. */
const burstBytes = 64 * 1024;

/** Writes that wait for demand, and the books on how long the server was held back. */
export function createOutlet(wire: Wire, signal: AbortSignal, journal: Journal) {
  const holds = createHolds(signal, journal);
  let wrote = 0;
  let flushed = 0;
  let sinceTurn = 0;

  const push = async (out: Writable, bytes: Uint8Array) => {
    signal.throwIfAborted();
    wrote += bytes.length;
    sinceTurn += bytes.length;
    const welcome = out.write(bytes, (error) => {
      if (!error) flushed += bytes.length;
    });
    if (!welcome) await holds.wait(out);
    if (sinceTurn < burstBytes) return;
    sinceTurn = 0;
    await nextTurn();
  };

  return {
    write: (bytes: Uint8Array | string) => push(wire.outgoing, typeof bytes === 'string' ? Buffer.from(bytes) : bytes),
    async writeRaw(bytes: Uint8Array | string) {
      if (!wire.socket) throw new Error('raw bytes need HTTP/1.1');
      await push(wire.socket, typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    },
    recorded: () => ({ wrote, flushed, ...holds.recorded() }),
  };
}

function createHolds(signal: AbortSignal, journal: Journal) {
  let holds = 0;
  let pastMs = 0;
  let since: number | undefined;
  return {
    /** Waits for the drain, or for the end of the exchange; the books are right the moment either comes. */
    wait: (out: Writable) =>
      new Promise<void>((resolve, reject) => {
        holds += 1;
        since = journal.now();
        const release = (act: () => void) => () => {
          pastMs += journal.now() - (since ?? 0);
          since = undefined;
          out.off('drain', go);
          signal.removeEventListener('abort', leave);
          act();
        };
        const go = release(resolve);
        const leave = release(() => reject(signal.reason as Error));
        out.once('drain', go);
        signal.addEventListener('abort', leave, { once: true });
      }),
    recorded() {
      const heldNowMs = since === undefined ? 0 : journal.now() - since;
      return { holds, heldNowMs, heldMs: pastMs + heldNowMs };
    },
  };
}
