import { LimitError } from '../core/answer-errors.js';
import type { FetchAnswer, FetchLike } from './fetch-answer.js';

interface Emitter {
  once(event: string, heard: (value: unknown) => void): unknown;
}
interface ClientRequest extends Emitter {
  emit(event: 'error', error: unknown): boolean;
}
interface Answer extends Emitter {
  readonly complete: boolean;
  readonly headers: { readonly location?: string };
}
interface Agent {
  addRequest(request: ClientRequest, options: unknown): void;
}
type Pieces = AsyncIterable<Uint8Array>;
interface Streams {
  readonly Readable: { from(source: unknown, options: object): Emitter };
  pipeline(from: Pieces, to: unknown, done: () => void): Pieces;
}
type Zlib = Record<'createGunzip' | 'createInflate' | 'createInflateRaw' | 'createBrotliDecompress', () => unknown>;

/** Node's own modules, got without naming them to a bundler. */
export interface NodeModules {
  (id: 'node:http' | 'node:https'): { readonly globalAgent: Agent };
  (id: 'node:stream'): Streams;
  (id: 'node:zlib'): Zlib;
}
interface Platform {
  readonly Response?: new (body: unknown) => {
    readonly body: unknown;
    readonly headers: { get(name: string): string | null };
  };
}
const platform = globalThis as unknown as Platform;

interface Init {
  readonly headers: readonly (readonly [string, string])[];
  readonly body?: unknown;
}

interface NodeHeaders {
  get(name: string): string | null;
  set(name: string, value: string): void;
  raw(): Record<string, string[]>;
  getSetCookie?: () => string[];
}

/** What is seen of an exchange below node-fetch. */
interface Below {
  request?: ClientRequest;
  answer?: Answer;
}

/**
 * Node's own agent, watched: node-fetch does not notice a body that ends before its Content-Length, and would wait for
 * ever. The request's error is the way that it listens to.
 */
function watched({ globalAgent }: { readonly globalAgent: Agent }, below: Below): Agent {
  const addRequest = (request: ClientRequest, options: unknown): void => {
    below.request = request;
    request.once('response', (value) => {
      const answer = (below.answer = value as Answer);
      const cut = () => Object.assign(new Error('closed before its end'), { code: 'ECONNRESET' });
      answer.once('close', () => answer.complete || request.emit('error', cut()));
    });
    globalAgent.addRequest(request, options);
  };
  return Object.assign(Object.create(globalAgent) as Agent, { addRequest });
}

type Body =
  | string
  | ArrayBuffer
  | { readonly size?: number; readonly type?: string; stream?(): unknown; append?: unknown };

/** Fits a request to node-fetch, which knows Node's streams only: it would send a web stream's name as text. */
function forNode(init: Init, modules: NodeModules, below: Below): Init {
  const named = new Set(init.headers.map(([name]) => name.toLowerCase()));
  const headers = [...init.headers];
  const add = (name: string, value: string | number | null | undefined): void => {
    if (value && !named.has(name)) headers.push([name, String(value)]);
  };
  add('accept-encoding', 'gzip, deflate, br');
  const body = init.body as Body | undefined;
  if (typeof body !== 'object' || ArrayBuffer.isView(body) || body instanceof ArrayBuffer) return { ...init, headers };
  const form = body.append ? new platform.Response!(body) : undefined;
  add('content-type', form ? form.headers.get('content-type') : body.type);
  add('content-length', body.size);
  const stream = modules('node:stream').Readable.from(form?.body ?? body.stream?.() ?? body, { objectMode: false });
  // node-fetch would leave the request open for ever when its body fails.
  stream.once('error', (error) => below.request?.emit('error', error));
  return { ...init, headers, body: stream };
}

const DECODERS: Readonly<Record<string, keyof Zlib>> = {
  gzip: 'createGunzip',
  'x-gzip': 'createGunzip',
  deflate: 'createInflate',
  br: 'createBrotliDecompress',
};

/** Undoes one coding; a body without a byte is whole, whatever its coding. */
async function* decoded(
  coding: keyof Zlib,
  source: Pieces,
  modules: NodeModules,
): AsyncGenerator<Uint8Array, undefined> {
  const pieces = source[Symbol.asyncIterator]();
  const first = await pieces.next();
  if (first.done) return;
  async function* all(): AsyncGenerator<Uint8Array> {
    yield first.value!;
    yield* { [Symbol.asyncIterator]: () => pieces };
  }
  // Some servers send bare deflate where zlib's format is meant.
  const bare = coding === 'createInflate' && (first.value[0]! & 15) !== 8;
  const decoder = modules('node:zlib')[bare ? 'createInflateRaw' : coding]();
  yield* modules('node:stream').pipeline(all(), decoder, () => {});
}

/** Undoes all codings, or none where one is not known. */
function plain(body: Pieces, field: string, limit: number, modules: NodeModules): Pieces {
  const names = field
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name && name !== 'identity');
  if (names.length > limit) throw new LimitError('encodings', limit, `the body has ${names.length} content encodings`);
  if (!names.every((name) => Object.hasOwn(DECODERS, name))) return body;
  return names.reduceRight((from, name) => decoded(DECODERS[name]!, from, modules), body);
}

/**
 * Makes node-fetch look like a `fetch` of the platform.
 *
 * @param codings - how many content codings may lie on one another
 */
export function nodeFetch(send: FetchLike, modules: NodeModules, codings: number): FetchLike {
  return async (url, given) => {
    const below: Below = {};
    const agent = watched(modules(url.startsWith('https') ? 'node:https' : 'node:http'), below);
    // node-fetch undoes one coding only, and takes half of a gzip body for all of it.
    const answer = await send(url, { ...forNode(given as Init, modules, below), agent, compress: false });
    const { headers } = answer as unknown as { readonly headers: NodeHeaders };
    const cookies = (): string[] => headers.raw()['set-cookie'] ?? [];
    headers.getSetCookie = cookies;
    // It shows `location` resolved.
    const location = below.answer?.headers.location;
    if (location) headers.set('location', location);
    const body = answer.body as unknown as Pieces | null;
    if (!body || 'getReader' in body) return answer;
    const pieces = plain(body, headers.get('content-encoding') ?? '', codings, modules)[Symbol.asyncIterator]();
    const getReader = () => ({ read: () => pieces.next() });
    return Object.create(answer, { body: { value: { getReader } } }) as FetchAnswer;
  };
}
