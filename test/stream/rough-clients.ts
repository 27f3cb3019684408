import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import { firstValueFrom, lastValueFrom, takeWhile, tap } from 'rxjs';

import type { Api } from '../../lib/http/api.js';
import { download } from '../../lib/stream/download.js';
import { eventStream } from '../../lib/stream/event-stream.js';
import { upload } from '../../lib/stream/upload.js';
import { webSocket } from '../../lib/stream/web-socket.js';
import { beginFile } from '../support/begin-file.js';
import type { TusPeer } from '../support/tus-peer.js';
import { dataOf, type LiveFeed } from './rough-feed.js';

/** What a client saw, without what it got: that is looked at as it comes. */
export class Report {
  /** The number of the last event, or how many transfers went well. */
  last = 0;
  values = 0;
  losses = 0;
  gaps = 0;
  /** Values that did not follow the one before, with a gap told in between, and without. */
  told = 0;
  untold = 0;
  wrong: string[] = [];
  #isTold = false;

  event(type: string): void {
    if (type === 'lost') this.losses++;
    if (type !== 'gap') return;
    this.gaps++;
    this.#isTold = true;
  }

  value(n: number, text: string): void {
    if (this.values > 0 && n !== this.last + 1) this[this.#isTold ? 'told' : 'untold']++;
    if (text !== dataOf(n)) this.wrong.push(`${n}: ${text}`);
    this.#isTold = false;
    this.last = n;
    this.values++;
  }
}

const reconnect = { baseMs: 2, capMs: 50, budget: false } as const;

/** Server-sent events, to the end of the feed. */
export async function listen(api: Api, report: Report): Promise<void> {
  const stream = eventStream(api, '/feed', { reconnect, timeouts: { idleMs: 200 } });
  await stream.events().forEach((event) => {
    if (event.type !== 'value') return report.event(event.type);
    const { data } = event.value;
    report.value(Number.parseInt(data), data);
  });
}

interface Message {
  readonly topic?: string;
  readonly re?: string;
  readonly n: number;
  readonly text: string;
  readonly end?: boolean;
}

/** What is seen of a socket: a topic that the server can resume, one that it cannot, and answers. */
export interface SocketReports {
  readonly kept: Report;
  readonly live: Report;
  readonly answers: Report;
}

/** Two topics on one socket, to the end of the feed, and requests beside them. */
export async function subscribe(url: string, api: Api, { kept, live, answers }: SocketReports): Promise<void> {
  const channel = webSocket<Message, object>(url, {
    api,
    reconnect,
    connectMs: 500,
    heartbeat: { everyMs: 100, pongMs: 150 },
    topicOf: ({ topic }) => topic,
    replyTo: ({ re }) => re,
  });
  const follow = async (name: string, report: Report, from: () => object): Promise<void> => {
    const topic = channel.topic(name, { subscribe: (id) => ({ op: 'on', id, ...from() }) });
    const see = topic.events().pipe(
      takeWhile((event) => event.type !== 'value' || !event.value.end),
      tap((event) => {
        if (event.type === 'value') report.value(event.value.n, event.value.text);
        else report.event(event.type);
      }),
    );
    await lastValueFrom(see);
  };
  let isOver = false;
  const asking = async (): Promise<void> => {
    for (let n = 1; !isOver; n++) {
      const make = (id: string) => ({ op: 'double', id, n });
      const { n: double } = await firstValueFrom(channel.request(make, { idempotent: true, timeoutMs: 60_000 }));
      answers.value(double / 2, dataOf(n));
      await sleep(50);
    }
  };
  const following = Promise.all([
    follow('kept', kept, () => ({ from: kept.last + 1 })),
    follow('live', live, () => ({})),
  ]).then(() => (isOver = true));
  await Promise.all([following, asking()]);
}

const FILM = Buffer.from(Uint8Array.from({ length: 200_000 }, (_, i) => (i * i) % 251));
const SHA = createHash('sha256').update(FILM).digest('hex');

/** Answers with the film, or the rest of it. */
export function showFilm(request: Pick<IncomingMessage, 'headers'>, response: ServerResponse): void {
  response.end(FILM.subarray(beginFile(request, response, FILM, '"film"')));
}

/** Downloads, one after the other, as long as the feed goes on. */
export async function fetchFilms(api: Api, feed: LiveFeed, report: Report): Promise<void> {
  for (; !feed.isOver; report.last++) {
    const hash = createHash('sha256');
    const film = download(api, '/film', { reconnect, timeouts: { idleMs: 200 } });
    await film.events().forEach((event) => {
      if (event.type === 'value') hash.update(event.value);
      else report.event(event.type);
    });
    if (hash.digest('hex') !== SHA) report.wrong.push(`film ${report.last + 1}`);
  }
}

/** Uploads, one after the other, as long as the feed goes on. */
export async function sendFilms(api: Api, tus: TusPeer, feed: LiveFeed, report: Report): Promise<void> {
  for (; !feed.isOver; report.last++) {
    const film = upload(api, '/files', FILM, {
      chunkBytes: 40_000,
      reconnect,
      timeouts: { idleMs: 200, headersMs: 500 },
    });
    let url = '';
    await film.events().forEach((event) => {
      if (event.type === 'value') ({ url } = event.value);
      else report.event(event.type);
    });
    if (!(await tus.file(url)).equals(FILM)) report.wrong.push(`film ${report.last + 1}`);
    await tus.drop(url);
  }
}
