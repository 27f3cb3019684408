import type { Subscription } from 'rxjs';

import type { Clock } from '../core/clock.js';
import { type Deadlines, deadlinesOf, Timed } from '../core/deadlines.js';
import { pageWakes } from './socket-page.js';
import type { SocketSettings } from './socket-settings.js';

/** What a watch knows of the connection that it watches. */
export interface Watched {
  /** Grows with everything that the server sends. */
  readonly received: number;
  /** Nothing can be heard now, since it is held back. */
  readonly isPaused: boolean;
  /** Asks the server for a sign of life. */
  ask(): void;
  /** There was none for too long. */
  silent(limitMs: number): void;
}

/** An idle limit is looked at so often: a timer per message would cost more than reading it. */
const LOOKS = 4;

/** Finds out that nothing comes any more. */
export class IdleWatch extends Timed {
  readonly #link: Watched;
  readonly #deadlines: Deadlines;
  readonly #idleMs: number;
  #seen = 0;
  #silences = 0;

  constructor(link: Watched, clock: Clock, idleMs: number) {
    super();
    this.#link = link;
    this.#deadlines = deadlinesOf(clock);
    this.#idleMs = idleMs;
  }

  start(): void {
    this.#deadlines.arm(this, this.#idleMs / LOOKS);
  }

  stop(): void {
    this.#deadlines.disarm(this);
  }

  override expire(): void {
    const { received, isPaused } = this.#link;
    const isSilent = received === this.#seen && !isPaused;
    this.#seen = received;
    this.#silences = isSilent ? this.#silences + 1 : 0;
    if (this.#silences >= LOOKS) this.#link.silent(this.#idleMs);
    else this.start();
  }
}

/** A timer that is so late was held up, as those of a page in the background are: it proves nothing. */
const LATE_MS = 1000;

/** Asks a silent server for a sign of life, and waits for one. */
export class Heartbeat extends Timed {
  readonly #link: Watched;
  readonly #deadlines: Deadlines;
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #pongMs: number;
  #seen = 0;
  #asked = 0;

  constructor(link: Watched, clock: Clock, everyMs: number, pongMs: number) {
    super();
    this.#link = link;
    this.#clock = clock;
    this.#deadlines = deadlinesOf(clock);
    this.#everyMs = everyMs;
    this.#pongMs = pongMs;
  }

  start(): void {
    this.#asked = 0;
    this.#seen = this.#link.received;
    this.#deadlines.arm(this, this.#everyMs);
  }

  stop(): void {
    this.#deadlines.disarm(this);
  }

  /** Asks at once: the page is seen again, or the network is back. */
  probe(): void {
    this.#seen = this.#link.received;
    this.#asked++;
    this.#deadlines.arm(this, this.#pongMs);
    this.#link.ask();
  }

  override expire(): void {
    const { received, isPaused } = this.#link;
    const isLate = this.#clock.now() - this.at > LATE_MS;
    if (received !== this.#seen || isPaused) this.start();
    else if (this.#asked === 0 || (isLate && this.#asked === 1)) this.probe();
    else this.#link.silent(this.#pongMs);
  }
}

/** Watches an open connection by all the means that its settings allow. */
export class Vigil {
  readonly #settings: SocketSettings;
  readonly #idle: IdleWatch;
  readonly #heartbeat: Heartbeat;
  #wakes: Subscription | undefined;

  constructor(link: Watched, settings: SocketSettings) {
    const { clock, heartbeat, idleMs } = settings;
    this.#settings = settings;
    this.#idle = new IdleWatch(link, clock, idleMs);
    this.#heartbeat = new Heartbeat(link, clock, heartbeat.everyMs, heartbeat.pongMs);
  }

  /** @param canPing - whether the platform itself can ask; otherwise a message must */
  start(canPing: boolean): void {
    const { heartbeat, idleMs } = this.#settings;
    if (idleMs < Infinity) this.#idle.start();
    if (heartbeat.everyMs === Infinity || !(canPing || heartbeat.ping !== undefined)) return;
    this.#heartbeat.start();
    this.#wakes = pageWakes().subscribe(() => this.#heartbeat.probe());
  }

  stop(): void {
    this.#idle.stop();
    this.#heartbeat.stop();
    this.#wakes?.unsubscribe();
  }
}
