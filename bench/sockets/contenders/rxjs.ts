import { webSocket } from 'rxjs/webSocket';
import { WebSocket } from 'ws';

import type { Connect, Tick } from '../job.ts';

export const connect: Connect = (url, take) =>
  new Promise((resolve) => {
    const subject = webSocket<unknown>({
      url,
      WebSocketCtor: WebSocket as never,
      openObserver: { next: () => resolve({ send: (message) => subject.next(message) }) },
    });
    subject.subscribe((tick) => take(tick as Tick));
  });
