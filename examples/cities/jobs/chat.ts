import { webSocket } from 'millrace';
import {
  concatMap,
  filter,
  forkJoin,
  from,
  fromEvent,
  ignoreElements,
  lastValueFrom,
  merge,
  type Observable,
  take,
  takeUntil,
  tap,
  timeout,
  toArray,
} from 'rxjs';

import type { Said } from '../server/chat.ts';
import { progressBar } from '../ui/progress.ts';
import type { Context, Counts, Outcome } from './job.ts';
import { beginRun } from './run.ts';

const EACH = 40;
/** A message that does not come within this time is lost. */
const SILENCE_MS = 10_000;

/** What the server sends: a message of the room, the answer to one of ours, or that we are up to date. */
type Received = Said | { readonly re: string } | { readonly welcome: true };
type Sent = { readonly after: number } | { readonly id: string; readonly key: string; readonly say: string };

const isSaid = (message: Received): message is Said => 'n' in message;

/** Two clients in a room whose server kills connections: each asks for what it has missed, and says again what got lost. */
export async function chat(context: Context): Promise<Outcome> {
  const { screen, signal } = context;
  const run = await beginRun(context, {});
  const total = 2 * EACH;
  const bar = progressBar(screen, 'chat: WebSockets, connections killed', total);

  const lines = context.truth.sample.slice(0, total).map(({ id }) => `have you been to city ${id}?`);
  const room = `${run.url}chat`;
  const ann = talk(room, lines.slice(0, EACH), total, run.counts);
  const bob = talk(room, lines.slice(EACH), total, run.counts);
  let heard = 0;
  const both$ = forkJoin([ann.pipe(tap({ next: () => bar.to(++heard) }), toArray()), bob.pipe(toArray())]);
  const [byAnn, byBob] = await lastValueFrom(both$.pipe(takeUntil(fromEvent(signal, 'abort'))));

  const { said, killed, repeats, connections } = (await run.journal()).chat;
  const texts = byAnn.map(({ text }) => text);
  return {
    counts: run.counts,
    saved: `${killed} kills unseen`,
    checks: [
      [same(byAnn, byBob), `both heard the same ${byBob.length} messages in the same order`],
      [same(byAnn, said), `and these are the ${said.length} that the server has`],
      [same(texts.toSorted(), lines.toSorted()), `each of ${total} lines was said, and none of them twice`],
      [killed > 2 && connections === 2 + killed, `the server killed ${killed} of ${connections} connections`],
      [repeats === killed, `${repeats} lines, taken but not answered, came again and were known by their keys`],
    ],
  };
}

/** Says its lines, one when the other is answered; emits what is said in the room, until that is `total` messages. */
function talk(url: string, lines: readonly string[], total: number, counts: Counts): Observable<Said> {
  let last = 0;
  const channel = webSocket<Received, Sent>(url, {
    replyTo: (message) => ('re' in message ? message.re : undefined),
    // First thing on each connection: what was said in between comes before anything else.
    handshake({ send, messages }) {
      send({ after: last });
      return messages.pipe(
        filter((message) => 'welcome' in message),
        take(1),
      );
    },
    reconnect: { capMs: 200 },
  });
  const say = (text: string): Observable<Received> => {
    const key = crypto.randomUUID();
    let times = 0;
    const make = (id: string): Sent => {
      if (times++ > 0) counts.retried++;
      return { id, key, say: text };
    };
    return channel
      .request(make, { idempotent: true })
      .pipe(tap({ subscribe: () => counts.asked++, complete: () => counts.answered++, error: () => counts.failed++ }));
  };
  const heard$ = channel.messages.pipe(
    filter(isSaid),
    tap(({ n }) => (last = n)),
    take(total),
    timeout(SILENCE_MS),
  );
  return merge(heard$, from(lines).pipe(concatMap(say), ignoreElements()));
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
