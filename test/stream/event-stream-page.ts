import type { Subscription } from 'rxjs';

import { createApi } from '../../lib/http/api.js';
import { eventStream } from '../../lib/stream/event-stream.js';

/** What the page offers to the test that opened it. */
export interface EventPage {
  open(origin: string): void;
  /** The types of events so far, and the data in place of `value`. */
  look(): string[];
  leave(): void;
}

let told: string[] = [];
let reading: Subscription | undefined;

const page: EventPage = {
  open(origin) {
    told = [];
    const events = eventStream(createApi({ baseUrl: origin }), '/feed', {
      reconnect: { baseMs: 1, capMs: 2 },
    }).events();
    reading = events.subscribe((event) => told.push(event.type === 'value' ? event.value.data : event.type));
  },
  look: () => told,
  leave: () => reading?.unsubscribe(),
};

Object.assign(globalThis, { eventPage: page });
