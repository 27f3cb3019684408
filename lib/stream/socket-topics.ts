import { must } from '../core/must.js';
import { readOptions } from '../core/options.js';
import { Audience, type SocketReader } from './socket-reader.js';
import type { TopicOptions } from './socket-types.js';

type AnyTopic = TopicOptions<unknown>;

/** One topic, with all who listen to it: the server knows of it once. */
interface Topic {
  readonly name: string;
  readonly options: AnyTopic;
  readonly audience: Audience;
  /** What the present connection knows it by. */
  id: string | undefined;
}

/** The topics that somebody listens to. */
export class Topics {
  readonly #topics = new Map<string, Topic>();
  /** By name, and by the id of the present connection. */
  readonly #routes = new Map<string, Topic>();
  #send: ((message: unknown) => void) | undefined;
  #ids = 0;

  add(name: string, options: AnyTopic, reader: SocketReader): void {
    let topic = this.#topics.get(name);
    if (topic) return topic.audience.add(reader);
    topic = { name, options, audience: new Audience(), id: undefined };
    topic.audience.add(reader);
    this.#topics.set(name, topic);
    this.#routes.set(name, topic);
    if (this.#send) this.#announce(topic, this.#send);
  }

  remove(name: string, reader: SocketReader): void {
    const topic = this.#topics.get(name);
    if (!topic) return;
    topic.audience.remove(reader);
    if (topic.audience.size > 0) return;
    this.#topics.delete(name);
    this.#routes.delete(name);
    const { id, options } = topic;
    if (id === undefined) return;
    this.#routes.delete(id);
    if (options.unsubscribe) this.#send?.(options.unsubscribe(id));
  }

  /** Tells a new connection of all topics; `undefined` for none: ids die with their connection. */
  use(send: ((message: unknown) => void) | undefined): void {
    this.#send = send;
    for (const topic of this.#topics.values()) {
      if (topic.id !== undefined) this.#routes.delete(topic.id);
      topic.id = undefined;
      if (send) this.#announce(topic, send);
    }
  }

  deliver(name: string, value: unknown): void {
    this.#routes.get(name)?.audience.deliver(value);
  }

  /** Lets go of all who listen, and gives them. */
  clear(): readonly SocketReader[] {
    const readers = [...this.#topics.values()].flatMap(({ audience }) => audience.clear());
    this.#send = undefined;
    this.#topics.clear();
    this.#routes.clear();
    return readers;
  }

  #announce(topic: Topic, send: (message: unknown) => void): void {
    topic.id = `${topic.name}#${++this.#ids}`;
    this.#routes.set(topic.id, topic);
    send(topic.options.subscribe(topic.id));
  }
}

/** @throws ConfigError when an option is wrong */
export function readTopic(name: unknown, input: unknown): AnyTopic {
  must(typeof name === 'string', 'topic.name', 'a string');
  const options = readOptions(input, ['subscribe', 'unsubscribe'], 'topic') as Partial<AnyTopic>;
  const { subscribe, unsubscribe } = options;
  must(typeof subscribe === 'function', 'topic.subscribe', 'a function of the id that makes the message');
  const isMaker = unsubscribe === undefined || typeof unsubscribe === 'function';
  must(isMaker, 'topic.unsubscribe', 'a function of the id that makes the message');
  return options as AnyTopic;
}
