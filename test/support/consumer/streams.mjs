// Runs in each runtime and in workers, as a user's program would: every long-lived source, against peers that let go.
import { createApi, download, eventStream, json, longRunning, paginate, sse, upload, webSocket } from 'millrace';
import { filter, firstValueFrom, lastValueFrom, map, take, toArray } from 'rxjs';

const reconnect = { baseMs: 1, capMs: 5, budget: false };
const FILE = Uint8Array.from({ length: 400_000 }, (_, i) => (i * i) % 251);

/** What a source has told, without how often it had to wait. */
const kindsOf = (told, kinds) => told.filter(({ type }) => kinds.includes(type)).map(({ type }) => type);

async function events(api) {
  const told = await lastValueFrom(
    eventStream(api, '/events', { as: sse('json'), reconnect })
      .events()
      .pipe(toArray()),
  );
  return {
    values: told
      .filter(({ type }) => type === 'value')
      .map(({ value }) => [value.lastEventId, value.data.n, value.data.text]),
    gaps: kindsOf(told, ['gap']).length,
    wasLost: kindsOf(told, ['lost']).length >= 3,
  };
}

async function socket(base) {
  const channel = webSocket(`${base}/talk`, {
    reconnect,
    heartbeat: { everyMs: 100, pongMs: 1000, ping: { op: 'ping' }, isPong: ({ pong }) => pong === true },
    topicOf: ({ topic }) => topic,
    replyTo: ({ re }) => re,
  });
  const told = [];
  let end;
  channel.messages.events().subscribe({ next: (event) => told.push(event), error: (error) => (end = error) });
  const topic = [];
  channel.topic('feed', { subscribe: (id) => ({ op: 'on', id }) }).subscribe({
    next: ({ n }) => topic.push(n),
    error: () => {},
  });
  const double = async (n) =>
    (await lastValueFrom(channel.request((id) => ({ op: 'double', id, n }), { idempotent: true, timeoutMs: 10_000 })))
      .n;
  const reopened = () => firstValueFrom(channel.state.pipe(filter(({ type }) => type === 'lost')));
  const answers = [await double(1)];
  for (const op of ['break', 'mute']) {
    const lost = reopened();
    await lastValueFrom(channel.send({ op }), { defaultValue: undefined });
    await lost;
    answers.push(await double(10));
  }
  channel.send({ op: 'bye' }).subscribe();
  await firstValueFrom(channel.state.pipe(filter(({ type }) => type === 'closed')));
  return {
    answers,
    topic,
    types: kindsOf(told, ['open', 'lost', 'gap']),
    causes: told.flatMap(({ type, cause }) => (type === 'lost' ? cause.kind : [])),
    end: [end.kind, end.code, end.reason],
  };
}

/** Where nobody is, a socket fails at once, and not when its time is up. */
const refused = () =>
  lastValueFrom(webSocket('ws://127.0.0.1:1', { reconnect: false, connectMs: 20_000 }).messages).catch(
    ({ kind }) => kind,
  );

async function bytes(base) {
  const channel = webSocket(`${base}/bytes`, { codec: 'bytes' });
  const first = firstValueFrom(channel.messages);
  channel.send(Uint8Array.of(0, 255, 128)).subscribe();
  return [...(await first)];
}

/** Leaves a silent stream and a silent socket, and asks the server whether they are gone. */
async function left(api, base) {
  const open = () => firstValueFrom(api.get('/open'));
  const channel = webSocket(`${base}/talk`);
  const talking = channel.messages.subscribe();
  await firstValueFrom(channel.state.pipe(filter(({ type }) => type === 'open')));
  const hushed = await new Promise((resolve) => {
    const listening = eventStream(api, '/hush').subscribe(() => resolve(listening));
  });
  const before = await open();
  hushed.unsubscribe();
  talking.unsubscribe();
  let after = before;
  // Chromium may read on for five seconds.
  for (const from = Date.now(); after.streams + after.sockets > 0 && Date.now() - from < 8000;) after = await open();
  return { before, after };
}

async function uploaded(api) {
  const told = await lastValueFrom(
    upload(api, '/files', new Blob([FILE]), { chunkBytes: 150_000, metadata: { filename: 'é.bin' }, reconnect })
      .events()
      .pipe(toArray()),
  );
  const { value } = told.at(-1);
  const back = await firstValueFrom(
    download(api, new URL(value.url).pathname).pipe(
      map((piece) => [...piece]),
      toArray(),
    ),
  );
  return {
    bytes: value.bytes,
    isSame: back.flat().every((byte, i) => byte === FILE[i]) && back.flat().length === FILE.length,
    // Chromium sends a request again by itself when a connection that it kept breaks.
    wasLost: kindsOf(told, ['lost']).length >= 1,
  };
}

/** In one request, as the body and as a form. */
async function plainly(api) {
  const send = async (protocol, own) =>
    (await firstValueFrom(upload(api, '/put', new Blob([FILE]), { protocol, as: json(), reconnect, ...own }))).response
      .body;
  const put = await send('put');
  const form = await send('multipart', { metadata: { album: '7' } });
  return { put: [put.method, put.bytes], form: [form.method, /name="album"\r\n\r\n7\r\n/.test(form.begin)] };
}

async function downloaded(api) {
  let at = 0;
  let isSame = true;
  const told = [];
  const film = download(api, '/film', { reconnect }).events();
  await film.forEach((event) => {
    if (event.type !== 'value') return void told.push(event);
    for (const byte of event.value) {
      if (byte !== (at * at) % 251) isSame = false;
      at++;
    }
  });
  return { bytes: at, isSame, losses: kindsOf(told, ['lost']).length };
}

/** Server-sent events of a file. */
async function decoded() {
  const file = new Blob(['data: {"n":1}\n\ndata: {"n"', ':2}\r\n\r\n: end\n', 'data: {"n":3}\n\ndata: lost']);
  const values = [];
  const run = sse('json').create({ limits: { lineBytes: 1000 } });
  const read = () => run.read(({ data }) => values.push(data.n) > 0);
  for (const at of Array(file.size).keys()) {
    run.push(new Uint8Array(await file.slice(at, at + 1).arrayBuffer()));
    read();
  }
  run.end();
  read();
  return values;
}

/** @param base - origin of the peers */
export async function runStreams(base) {
  const api = createApi({ baseUrl: base });
  const result = {
    events: await events(api),
    socket: await socket(base),
    bytes: await bytes(base),
    refused: await refused(),
    left: await left(api, base),
    job: await lastValueFrom(longRunning(api.post('/jobs'), { waitMs: 1 })),
    pages: await lastValueFrom(paginate((url) => api.get(url ?? '/pages')).pipe(take(5), toArray())),
    uploaded: await uploaded(api),
    plainly: await plainly(api),
    downloaded: await downloaded(api),
    decoded: await decoded(),
  };
  await api.close();
  return result;
}
