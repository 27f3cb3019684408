import { map, Subject, switchMap } from 'rxjs';
import wrapper from 'rxjs-websockets';
import { WebSocket } from 'ws';

import type { Connect, Tick } from '../job.ts';

export const connect: Connect = (url, take) =>
  new Promise((resolve) => {
    const out = new Subject<string>();
    const socket$ = wrapper.default(url, { protocols: [], makeWebSocket: (at: string) => new WebSocket(at) as never });
    const messages = socket$.pipe(
      switchMap((open) => {
        queueMicrotask(() => resolve({ send: (message) => out.next(JSON.stringify(message)) }));
        return open(out);
      }),
      map((text) => JSON.parse(text as string) as Tick),
    );
    messages.subscribe(take);
  });
