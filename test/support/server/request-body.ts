import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';

import type { RecordedBody } from './types.js';

/** Enough of a body for a log; the rest is only counted and hashed. */
const keptBytes = 64 * 1024;

/** Counts, hashes and keeps the beginning of what arrives, so that an upload of any size costs no memory. */
export interface Meter {
  received(bytes: Uint8Array): void;
  complete(): void;
  recorded(): RecordedBody;
}

export function createMeter(): Meter {
  const hash = createHash('sha256');
  const kept: Uint8Array[] = [];
  let bytes = 0;
  let keptSoFar = 0;
  let complete = false;
  let sha256: string | undefined;
  return {
    received(chunk) {
      sha256 = undefined;
      bytes += chunk.length;
      hash.update(chunk);
      if (keptSoFar >= keptBytes) return;
      const part = chunk.subarray(0, keptBytes - keptSoFar);
      keptSoFar += part.length;
      kept.push(part);
    },
    complete: () => void (complete = true),
    recorded: () => ({
      bytes,
      complete,
      sha256: (sha256 ??= hash.copy().digest('hex')),
      text: Buffer.concat(kept).toString('utf8'),
    }),
  };
}

/** What readAll keeps at most; the meter goes on counting. */
const mostBytes = 16 * 1024 * 1024;

/** Reads all of a body. Rejects where the client leaves before its end. */
export function readAll(incoming: Readable, meter: Meter, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let kept = 0;
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    incoming.on('data', (chunk: Buffer) => {
      meter.received(chunk);
      kept += chunk.length;
      if (kept <= mostBytes) chunks.push(chunk);
    });
    incoming.on('end', () => {
      meter.complete();
      resolve(Buffer.concat(chunks));
    });
  });
}
