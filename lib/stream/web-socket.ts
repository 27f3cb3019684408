import { Observable, type Subscriber } from 'rxjs';

import { ConfigError } from '../core/errors.js';
import { reportUnhandled } from '../core/outlet.js';
import type { SocketData } from './socket-contract.js';
import { SocketHub } from './socket-hub.js';
import type { Outgoing } from './socket-outbox.js';
import { SocketReader } from './socket-reader.js';
import { readQuestion } from './socket-requests.js';
import { readSocketOptions, type SocketSettings } from './socket-settings.js';
import { readSocketUrl } from './socket-target.js';
import { readTopic } from './socket-topics.js';
import type { SocketChannel, SocketUrl, WebSocketOptions } from './socket-types.js';
import { type StartStream, StreamFlow } from './stream-flow.js';

/** Where a subscription gets its messages from. */
interface Place {
  enter(reader: SocketReader): void;
  leave(reader: SocketReader): void;
}

/**
 * Makes a channel over one WebSocket that all its users share: connected while there is one of them, and again when the
 * connection is lost.
 *
 * - next: `messages`, each as it comes, no faster than it is asked for where the platform can hold the server back.
 * - error: a CloseError for a close code that says not to come back, a ConfigError, a LimitError for a message that is
 *   too long or a subscriber that is too slow; the caller's own error as the same object.
 * - complete: when the server closes with 1000 and `end` is `complete`, or at the terminator; never by default.
 * - unsubscribe: takes back what was not sent yet; the last one closes the socket with 1000 and cuts a wait.
 *
 * @param url - where to connect; a function is asked anew at each attempt
 * @param options - see {@link WebSocketOptions}; times are milliseconds
 * @throws ConfigError when an option is unknown or wrong
 * @see RFC 6455, "The WebSocket Protocol"; the WebSockets Standard of WHATWG
 *
 * @example
 * ```ts
 * import { webSocket } from 'millrace';
 * import { firstValueFrom } from 'rxjs';
 *
 * const echo = webSocket<{ hello: string }>('wss://api.example.com/echo');
 * const answer = firstValueFrom(echo.messages);
 * echo.send({ hello: 'world' }).subscribe();
 * await answer; // => { hello: 'world' }
 * ```
 */
export function webSocket<In = unknown, Out = unknown>(
  url: SocketUrl,
  options?: WebSocketOptions<In, Out>,
): SocketChannel<In, Out> {
  const settings = readSocketOptions(options);
  // A function is asked at each attempt; what is known now is checked now.
  if (typeof url !== 'function') readSocketUrl(url);
  return channelOf(new SocketHub(url, settings), settings) as SocketChannel<In, Out>;
}

function channelOf(hub: SocketHub, settings: SocketSettings): SocketChannel<unknown, unknown> {
  const { topicOf, replyTo } = settings;
  const { audience, topics } = hub;
  const all: Place = { enter: (reader) => audience.add(reader), leave: (reader) => audience.remove(reader) };
  return {
    messages: new StreamFlow(reading(hub, settings, all)),
    state: hub.changes,
    get pending() {
      return { messages: hub.outbox.size, bufferedBytes: hub.bufferedBytes };
    },
    send: (message) => new Observable((subscriber) => sendOne(hub, settings.codec.encode(message), subscriber)),
    topic<T>(name: string, given: unknown) {
      if (!topicOf) throw new ConfigError('webSocket.topicOf', 'set it: it says to which topic a message belongs');
      const topic = readTopic(name, given);
      const place: Place = {
        enter: (reader) => topics.add(name, topic, reader),
        leave: (reader) => topics.remove(name, reader),
      };
      return new StreamFlow(reading(hub, settings, place)) as StreamFlow<T>;
    },
    request<T>(make: unknown, given: unknown) {
      if (!replyTo) throw new ConfigError('webSocket.replyTo', 'set it: it says which request a message answers');
      const question = readQuestion(make, given);
      return new Observable<T>((subscriber) => {
        hub.hold(subscriber);
        hub.requests.ask(question, subscriber as Subscriber<unknown>);
        subscriber.add(() => hub.release(subscriber));
      });
    },
  };
}

function sendOne(hub: SocketHub, data: SocketData, subscriber: Subscriber<never>): void {
  // Most are: without what it takes to wait, a message costs 0.9 us less.
  if (hub.outbox.pass(data)) return subscriber.complete();
  const item: Outgoing = {
    data,
    sent: () => subscriber.complete(),
    lost: (error) => subscriber.error(error),
  };
  subscriber.add(() => {
    hub.outbox.remove(item);
    hub.release(item);
  });
  hub.hold(item);
  hub.outbox.push(item);
}

function reading(hub: SocketHub, { room }: SocketSettings, place: Place): StartStream<unknown, string> {
  return (to, tell) => {
    const left = (): void => {
      if (tell) hub.untell(tell);
      try {
        place.leave(reader);
      } catch (error) {
        reportUnhandled(error);
      }
      hub.release(reader);
    };
    const reader = new SocketReader(to, hub, room, left);
    reader.start();
    if (tell && reader.isLive) hub.tellOf(tell);
    if (!reader.isLive) return;
    hub.hold(reader);
    try {
      place.enter(reader);
    } catch (error) {
      // What the program says to the server of a topic.
      reader.end(error, true);
    }
  };
}
