import type { Capabilities, Transport } from './contract.js';
import { fetchTransport } from './fetch.js';
import { fetchCapabilities } from './fetch-capabilities.js';
import type { FetchAnswer, FetchLike, FetchRead } from './fetch-answer.js';

interface Emitter {
  once(event: string, heard: (value: unknown) => void): unknown;
}
interface ClientRequest extends Emitter {
  emit(event: 'error', error: Error): boolean;
}
interface Answer extends Emitter {
  readonly complete: boolean;
}
interface Agent {
  addRequest(request: ClientRequest, options: unknown): void;
}
interface NodeModules {
  (id: 'node:http' | 'node:https'): { readonly globalAgent: Agent };
  (id: 'node:stream'): { readonly Readable: { from(source: unknown, options: object): Emitter } };
}
interface Platform {
  readonly fetch?: FetchLike;
  readonly process?: { readonly getBuiltinModule?: NodeModules };
  readonly Response?: new (body: unknown) => {
    readonly body: unknown;
    readonly headers: { get(name: string): string | null };
  };
}
const platform = globalThis as unknown as Platform;

interface Init {
  readonly headers: [string, string][];
  body?: unknown;
  agent?: unknown;
}

/**
 * Node's own agent, watched: node-fetch does not notice a body that ends before its Content-Length, and would wait for
 * ever. The request's error is the way that it listens to.
 */
function watched({ globalAgent }: { readonly globalAgent: Agent }, started?: (request: ClientRequest) => void): Agent {
  const addRequest = (request: ClientRequest, options: unknown): void => {
    started?.(request);
    request.once('response', (value) => {
      const answer = value as Answer;
      const cut = () => Object.assign(new Error('closed before its end'), { code: 'ECONNRESET' });
      answer.once('close', () => answer.complete || request.emit('error', cut()));
    });
    globalAgent.addRequest(request, options);
  };
  return Object.assign(Object.create(globalAgent) as Agent, { addRequest });
}

type Body = string | ArrayBuffer | { readonly size?: number; stream?(): unknown; append?: unknown } | undefined;

/** Fits a request to node-fetch, which knows Node's streams only: it would send a web stream's name as text. */
function forNode(init: Init, modules: NodeModules, agent: Agent, secure: boolean): Init {
  const body = init.body as Body;
  if (typeof body !== 'object' || ArrayBuffer.isView(body) || body instanceof ArrayBuffer) return { ...init, agent };
  const form = body.append ? new platform.Response!(body) : undefined;
  const headers = [...init.headers];
  if (form) headers.push(['content-type', form.headers.get('content-type')!]);
  if (body.size !== undefined) headers.push(['content-length', String(body.size)]);
  const stream = modules('node:stream').Readable.from(form?.body ?? body.stream?.() ?? body, { objectMode: false });
  // node-fetch would leave the request open for ever when its body fails.
  const started = (request: ClientRequest) => stream.once('error', (error) => request.emit('error', error as Error));
  return { ...init, headers, agent: watched(modules(secure ? 'node:https' : 'node:http'), started), body: stream };
}

/** Gives a Node stream the one method of a web stream that is used: a piece is read when it is asked for. */
function fromNode(answer: FetchAnswer): FetchAnswer {
  const body = answer.body as unknown as AsyncIterable<Uint8Array> | undefined;
  if (!body || 'getReader' in body) return answer;
  const getReader = () => {
    const pieces = body[Symbol.asyncIterator]();
    return { read: (): PromiseLike<FetchRead> => pieces.next() };
  };
  return Object.create(answer, { body: { value: { getReader } } }) as FetchAnswer;
}

/**
 * Elsewhere than on Node, cross-fetch hands out the platform's own fetch, or makes one of XMLHttpRequest: whole bodies,
 * redirects followed unseen.
 */
function capabilities(node: boolean): Capabilities {
  if (!node && platform.fetch) return fetchCapabilities();
  return {
    responseStream: node,
    pause: node,
    uploadStream: node,
    uploadProgress: false,
    trailers: false,
    redirects: node ? 'manual' : 'platform',
    decodesBody: true,
    rawHeaders: node,
  };
}

/**
 * Sends by the package `cross-fetch`, loaded by the first call: the last resort where there is no `fetch`.
 *
 * On Node that is node-fetch 2, whose faults are mended where they can be: a body cut short fails instead of hanging,
 * blobs, forms and web streams are sent as what they are, reading is driven by demand. What stays: `location` comes
 * resolved against the request's URL; a gzip body cut short inside a complete answer ends as if it were whole.
 */
export function crossFetch(): Transport {
  const modules = platform.process?.getBuiltinModule;
  let loading: Promise<{ fetch: FetchLike }> | undefined;
  const agents = modules && [watched(modules('node:http')), watched(modules('node:https'))];
  const fetch: FetchLike = async (url, init) => {
    // A cast, so that the package's types do not bring the DOM library into this compilation.
    const { fetch: send } = await (loading ??= import('cross-fetch' as string) as Promise<{ fetch: FetchLike }>);
    if (!agents) return send(url, init);
    const secure = url.startsWith('https');
    return fromNode(await send(url, forNode(init as Init, modules, agents[+secure]!, secure)));
  };
  return { ...fetchTransport({ fetch }), capabilities: capabilities(!!modules) };
}
