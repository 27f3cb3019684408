import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Random } from '../../lib/core/random.js';

/** How a {@link RoughProxy} treats what the server sends; chances are per piece. */
export interface Roughness {
  /** What the client sends is treated the same. */
  readonly both?: boolean;
  /** The connection is reset, or ends as if all were well. */
  readonly cut: number;
  /** Nothing moves for `stallMs`. */
  readonly stall: number;
  readonly stallMs: number;
  /** Longest wait before a piece. */
  readonly delayMs: number;
  /** Longest piece. */
  readonly pieceBytes: number;
}

/** A way to a server that cuts, stalls, splits and delays. */
export class RoughProxy implements AsyncDisposable {
  /** What it did. */
  readonly done = { connections: 0, refused: 0, resets: 0, ends: 0, stalls: 0, pieces: 0 };
  readonly #sockets = new Set<Socket>();
  readonly #random: Random;
  readonly #rough: Roughness;
  readonly #server: Server;

  /** @param random - decides everything, so that a seed gives the same chances again */
  static async start(port: number, random: Random, rough: Roughness): Promise<RoughProxy> {
    const proxy = new RoughProxy(port, random, rough);
    await once(proxy.#server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  private constructor(port: number, random: Random, rough: Roughness) {
    this.#random = random;
    this.#rough = rough;
    this.#server = createServer({ noDelay: true }, (client) => this.#accept(client, port));
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Open sockets. */
  get open(): number {
    return this.#sockets.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }

  #accept(client: Socket, port: number): void {
    this.done.connections++;
    this.#keep(client);
    if (this.#random() < this.#rough.cut * 10) {
      this.done.refused++;
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(port, '127.0.0.1');
    this.#keep(upstream);
    client.once('close', () => upstream.destroy());
    if (this.#rough.both) void this.#forward(client, upstream);
    else {
      client.pipe(upstream);
      // Nobody takes it any more, and unread it would hide that the client leaves.
      upstream.once('close', () => client.resume());
    }
    void this.#forward(upstream, client);
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  async #forward(from: Socket, to: Socket): Promise<void> {
    try {
      for await (const chunk of from) {
        await this.#pass(chunk as Buffer, to);
        if (to.destroyed || to.writableEnded) break;
      }
      if (!to.destroyed) to.end();
    } catch {
      to.destroy();
    }
  }

  async #pass(chunk: Buffer, to: Socket): Promise<void> {
    const { cut, stall, stallMs, delayMs, pieceBytes } = this.#rough;
    for (let at = 0; at < chunk.length && !to.destroyed;) {
      if (this.#random() < cut) return this.#cut(to);
      if (this.#random() < stall) {
        this.done.stalls++;
        await sleep(stallMs);
      }
      await sleep(this.#random() * delayMs);
      const size = 1 + Math.floor(this.#random() * pieceBytes);
      this.done.pieces++;
      if (!to.write(chunk.subarray(at, at + size)) && !to.destroyed) {
        await Promise.race([once(to, 'drain'), once(to, 'close')]);
      }
      at += size;
    }
  }

  /** Breaks the connection, or ends it as if all were well. */
  #cut(to: Socket): void {
    const isReset = this.#random() < 0.5;
    this.done[isReset ? 'resets' : 'ends']++;
    if (isReset) to.resetAndDestroy();
    else to.end();
  }
}
