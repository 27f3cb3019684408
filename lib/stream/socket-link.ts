import { defer, Subject, type Subscription } from 'rxjs';

import { loadSocket } from '#socket';

import { deadlinesOf, Timed } from '../core/deadlines.js';
import { TimeoutError } from '../core/errors.js';
import { isLonger } from './socket-codec.js';
import type { SocketData, SocketEnd, SocketHandle, SocketSink } from './socket-contract.js';
import { tooLong } from './socket-limit.js';
import type { SocketSettings } from './socket-settings.js';
import { askTarget, type SocketTarget } from './socket-target.js';
import type { SocketAttempt, SocketHandshake, SocketUrl } from './socket-types.js';
import { Vigil, type Watched } from './socket-watch.js';

/** Who is told of a link. */
export interface LinkOwner {
  /** The connection is made, and the server knows who asks. */
  linkReady(): void;
  linkData(data: SocketData): void;
  /** After `hasRoom` was false: there is some. */
  linkDrained(): void;
  /** Comes once; nothing comes after it. */
  linkEnded(end: SocketEnd | { readonly failure: unknown }): void;
}

/** Browsers have no event for a buffer that empties; with a callback per message `ws` would cost 5 % more. */
const LOOK_MS = 5;

/** One connection, from the question where to connect to its end: one attempt, no policy. */
export class SocketLink extends Timed implements SocketSink, Watched {
  readonly #owner: LinkOwner;
  readonly #settings: SocketSettings;
  readonly #attempt: SocketAttempt;
  readonly #vigil: Vigil;
  #handshake: Subscription | undefined;
  /** What a handshake sees; made where there is one. */
  #seen: Subject<unknown> | undefined;
  #handle: SocketHandle | undefined;
  #live = true;
  #cancelLook: (() => void) | undefined;
  target: SocketTarget | undefined;
  received = 0;
  isReady = false;
  isPaused = false;

  constructor(owner: LinkOwner, settings: SocketSettings, attempt: SocketAttempt) {
    super();
    this.#owner = owner;
    this.#settings = settings;
    this.#attempt = attempt;
    this.#vigil = new Vigil(this, settings);
  }

  start(url: SocketUrl): void {
    const { clock, connectMs, headers } = this.#settings;
    deadlinesOf(clock).arm(this, connectMs);
    this.#open(url, headers).catch((error: unknown) => this.#fail(error));
  }

  /** Whether messages may be handed to the socket; otherwise `linkDrained` follows. */
  get hasRoom(): boolean {
    const handle = this.#handle;
    if (!handle) return false;
    if (handle.bufferedBytes < this.#settings.highWaterBytes) return true;
    this.#cancelLook ??= this.#settings.clock.after(LOOK_MS, this.#look);
    return false;
  }

  get bufferedBytes(): number {
    return this.#handle?.bufferedBytes ?? 0;
  }

  get canPause(): boolean {
    return this.#handle?.pause !== undefined;
  }

  send(data: SocketData): void {
    this.#handle!.send(data);
  }

  pause(paused: boolean): void {
    if (paused === this.isPaused) return;
    this.isPaused = paused;
    // What the server sent meanwhile is still to be read: that it was not heard says nothing.
    this.received++;
    if (paused) this.#handle?.pause?.();
    else this.#handle?.resume?.();
  }

  /** What a message was decoded to, for the handshake. */
  decoded(value: unknown): void {
    if (!this.isReady) this.#seen?.next(value);
  }

  close(code = 1000, reason = ''): void {
    const handle = this.#leave();
    handle?.close(code, reason);
  }

  opened(protocol: string): void {
    const { handshake, codec } = this.#settings;
    if (!handshake) return this.#ready();
    const link: SocketHandshake<unknown, unknown> = {
      ...this.#attempt,
      protocol,
      messages: (this.#seen = new Subject()),
      send: (message) => {
        if (this.#live) this.send(codec.encode(message));
      },
    };
    this.#handshake = defer(() => handshake(link)).subscribe({
      error: (error: unknown) => this.#fail(error),
      complete: () => this.#ready(),
    });
    if (!this.#live) this.#handshake.unsubscribe();
  }

  message(data: SocketData): void {
    this.received++;
    const { messageBytes } = this.#settings;
    if (isLonger(data, messageBytes)) return this.#fail(tooLong(messageBytes));
    this.#owner.linkData(data);
  }

  alive(): void {
    this.received++;
  }

  ended(end: SocketEnd): void {
    if (!this.#live) return;
    this.#leave();
    this.#owner.linkEnded(end);
  }

  ask(): void {
    const { heartbeat, codec } = this.#settings;
    const { ping } = heartbeat;
    if (ping === undefined) return this.#handle?.ping?.();
    try {
      this.send(codec.encode(typeof ping === 'function' ? (ping as () => unknown)() : ping));
    } catch (error) {
      this.#fail(error);
    }
  }

  silent(limitMs: number): void {
    const setting = limitMs === this.#settings.idleMs ? 'idleMs' : 'heartbeat.pongMs';
    this.#fail(new TimeoutError('idle', limitMs, {}, setting));
  }

  override expire(): void {
    this.#fail(new TimeoutError('attempt', this.#settings.connectMs, {}, 'connectMs'));
  }

  async #open(url: SocketUrl, headers: SocketSettings['headers']): Promise<void> {
    const [target, open] = await Promise.all([askTarget(url, headers, this.#attempt), loadSocket()]);
    if (!this.#live) return;
    this.target = target;
    const { protocols, messageBytes, room, clock } = this.#settings;
    const holdsBack = room.overflow === 'error';
    this.#handle = open({ ...target, protocols, messageBytes, holdsBack, clock }, this);
  }

  #ready(): void {
    if (!this.#live || this.isReady) return;
    this.isReady = true;
    deadlinesOf(this.#settings.clock).disarm(this);
    this.#seen?.complete();
    this.#vigil.start(this.#handle!.ping !== undefined);
    this.#owner.linkReady();
  }

  #fail(failure: unknown): void {
    if (!this.#live) return;
    this.close();
    this.#owner.linkEnded({ failure });
  }

  readonly #look = (): void => {
    this.#cancelLook = undefined;
    // Nothing new happens before half of it is gone: not one message at a time.
    if (this.bufferedBytes * 2 <= this.#settings.highWaterBytes) this.#owner.linkDrained();
    else this.#cancelLook = this.#settings.clock.after(LOOK_MS, this.#look);
  };

  /** Also where the server never says goodbye: nobody waits for that. */
  #leave(): SocketHandle | undefined {
    this.#live = this.isReady = false;
    deadlinesOf(this.#settings.clock).disarm(this);
    this.#vigil.stop();
    this.#cancelLook?.();
    this.#handshake?.unsubscribe();
    this.#seen?.complete();
    const handle = this.#handle;
    this.#handle = undefined;
    return handle;
  }
}
