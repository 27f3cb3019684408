// `node test/support/sse-contract/service.ts [port]`: eventStream as the test service of LaunchDarkly's
// sse-contract-tests, an outside suite for SSE clients. See README.md beside this file.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

import { createApi, eventStream, type SseDecoder, type SseEvent, sse } from 'millrace';

interface Params {
  readonly streamUrl: string;
  readonly callbackUrl: string;
  readonly initialDelayMs?: number | null;
  readonly readTimeoutMs?: number;
  readonly lastEventId?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly body?: string;
}

interface Instance {
  restart(): void;
  close(): void;
}

const capabilities = [
  'bom',
  'comments',
  'headers',
  'last-event-id',
  'post',
  'read-timeout',
  'report',
  'restart',
  'server-directed-shutdown-request',
];
// The suite sends messages of more than the default megabyte.
const api = createApi({ limits: { lineBytes: 64 * 2 ** 20 } });

/** Callbacks of a stream, one after the other. */
function teller(url: string): (message: object) => void {
  let count = 0;
  let last: Promise<unknown> = Promise.resolve();
  return (message) => {
    const target = `${url}/${++count}`;
    const body = JSON.stringify(message);
    last = last.then(() => fetch(target, { method: 'POST', body })).catch(() => undefined);
  };
}

function open(params: Params): Instance {
  const tell = teller(params.callbackUrl);
  const plain = sse();
  const as: SseDecoder<SseEvent> = {
    ...plain,
    create: (context) => plain.create({ ...context, comment: (comment) => tell({ kind: 'comment', comment }) }),
  };
  let lastEventId = params.lastEventId ?? '';
  const run = () =>
    eventStream(api, params.streamUrl, {
      as,
      lastEventId,
      end: 'reconnect',
      resumable: true,
      headers: params.headers ?? {},
      reconnect: { baseMs: params.initialDelayMs ?? 500, capMs: 5000, budget: false },
      ...(params.method != null && { method: params.method }),
      ...(params.body != null && { body: params.body }),
      ...(params.readTimeoutMs != null && { timeouts: { idleMs: params.readTimeoutMs } }),
    })
      .events()
      .subscribe({
        next(event) {
          if (event.type === 'value') {
            const { type, data, lastEventId: id } = event.value;
            lastEventId = id;
            tell({ kind: 'event', event: { type, data, id } });
          } else if (event.type === 'waiting' && event.cause !== undefined) {
            tell({ kind: 'error', error: String(event.cause) });
          }
        },
        error: (error: unknown) => tell({ kind: 'error', error: String(error) }),
      });
  let reading = run();
  return {
    restart() {
      reading.unsubscribe();
      reading = run();
    },
    close: () => reading.unsubscribe(),
  };
}

const instances = new Map<string, Instance>();
let made = 0;

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url = '/' } = request;
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = (): unknown => JSON.parse(Buffer.concat(chunks).toString());
  const reply = (status: number, headers: Record<string, string> = {}, text = ''): void => {
    response.writeHead(status, headers).end(text);
  };
  if (url === '/' && method === 'GET')
    return reply(200, { 'content-type': 'application/json' }, JSON.stringify({ capabilities }));
  if (url === '/' && method === 'DELETE') {
    reply(204);
    process.exit();
  }
  if (url === '/' && method === 'POST') {
    const location = `/streams/${++made}`;
    instances.set(location, open(body() as Params));
    return reply(201, { location });
  }
  const instance = instances.get(url);
  if (!instance) return reply(404);
  if (method === 'DELETE') {
    instance.close();
    instances.delete(url);
  } else if ((body() as { command: string }).command === 'restart') instance.restart();
  else return reply(400);
  reply(204);
}

createServer((request, response) => void serve(request, response)).listen(Number(process.argv[2] ?? 8000), '127.0.0.1');
