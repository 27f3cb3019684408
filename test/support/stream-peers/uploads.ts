import type { Server } from 'node:http';

import { cutBehind } from '../cut-behind.js';

/** Breaks the first connections that bring chunks of an upload, in the middle of these. */
export function breakUploads(http: Server): void {
  let chunks = 0;
  http.prependListener('request', (request) => {
    if (request.method === 'PATCH' && ++chunks <= 2) cutBehind(request, 60_000);
  });
}
