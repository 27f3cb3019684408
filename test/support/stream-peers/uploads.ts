import type { Server } from 'node:http';

/** Breaks the first connections that bring chunks of an upload, in the middle of these, before the server sees it. */
export function breakUploads(http: Server): void {
  let cuts = 0;
  http.prependListener('request', (request) => {
    if (request.method !== 'PATCH' || cuts === 2) return;
    cuts++;
    let bytes = 0;
    request.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes > 60_000) request.socket.destroy();
    });
  });
}
