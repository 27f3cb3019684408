import { webSocket } from '../../lib/stream/web-socket.js';
import { FLOW } from '../../lib/core/flow.js';
import type { Demand } from '../../lib/core/demand.js';
import type { SocketChannel, WebSocketOptions } from '../../lib/stream/socket-types.js';

/** Which of the browser's two ways is used. */
export type Way = 'WebSocket' | 'WebSocketStream';

/** What is known of a channel in the page. */
export interface Seen {
  readonly states: readonly string[];
  readonly got: readonly unknown[];
  readonly end: string | undefined;
  readonly kind: string | undefined;
  readonly code: number | undefined;
}

/** What the page offers to the test that opened it. */
export interface SocketPage {
  has(way: Way): boolean;
  /** @param first - how many messages are asked for; `undefined` for all */
  open(way: Way, url: string, options?: WebSocketOptions<unknown, unknown>, first?: number): void;
  ask(n: number): void;
  send(message: unknown): Promise<string>;
  look(): Seen;
  count(): number;
  leave(): void;
  /** Turns the page's visibility as the browser does. */
  show(): void;
}

const platform = globalThis as unknown as { WebSocketStream?: unknown; readonly document: EventTarget };
const { WebSocketStream } = platform;

let channel: SocketChannel<unknown, unknown>;
let demand: Demand | undefined;
let states: string[] = [];
let got: unknown[] = [];
let end: string | undefined;
let failure: { readonly kind?: string; readonly code?: number } | undefined;

const page: SocketPage = {
  has: (way) => way in globalThis,
  open(way, url, options = {}, first = Infinity) {
    platform.WebSocketStream = way === 'WebSocketStream' ? WebSocketStream : undefined;
    channel = webSocket(url, options);
    [states, got, end, failure] = [[], [], undefined, undefined];
    channel.state.subscribe(({ type }) => states.push(type));
    channel.messages[FLOW].subscribe({
      onSubscribe: (given) => (demand = given).request(first),
      onNext: (value) => void got.push(value),
      onError(error) {
        failure = error as { kind?: string; code?: number };
        end = String(error);
      },
      onComplete: () => (end = 'complete'),
    });
  },
  ask: (n) => demand?.request(n),
  send: (message) =>
    new Promise((resolve) => {
      channel.send(message).subscribe({ complete: () => resolve('sent'), error: (error) => resolve(String(error)) });
    }),
  look: () => ({ states, got, end, kind: failure?.kind, code: failure?.code }),
  count: () => got.length,
  leave: () => demand?.cancel(),
  show() {
    for (const value of ['hidden', 'visible']) {
      Object.defineProperty(platform.document, 'visibilityState', { configurable: true, value });
      platform.document.dispatchEvent(new Event('visibilitychange'));
    }
  },
};

Object.assign(globalThis, { socketPage: page });
