import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Random } from '../../lib/core/random.js';

/** How a {@link RoughProxy} treats what the server sends; chances are per piece. */
export interface Roughness {
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
export interface RoughProxy extends AsyncDisposable {
  readonly origin: string;
  /** What it did. */
  readonly done: { connections: number; refused: number; resets: number; ends: number; stalls: number; pieces: number };
  open(): number;
  /** From now on it lets everything pass. */
  calm(): void;
}

/** @param random - decides everything, so that a seed gives the same chances again */
export async function startRoughProxy(port: number, random: Random, rough: Roughness): Promise<RoughProxy> {
  const done = { connections: 0, refused: 0, resets: 0, ends: 0, stalls: 0, pieces: 0 };
  const sockets = new Set<Socket>();
  let isCalm = false;
  const chance = (of: number): boolean => !isCalm && random() < of;

  /** @returns whether the connection still stands */
  const pass = async (chunk: Buffer, to: Socket, from: Socket): Promise<boolean> => {
    for (let at = 0; at < chunk.length;) {
      if (chance(rough.cut)) {
        const isReset = random() < 0.5;
        done[isReset ? 'resets' : 'ends']++;
        if (isReset) to.resetAndDestroy();
        else to.end();
        from.destroy();
        return false;
      }
      if (chance(rough.stall)) {
        done.stalls++;
        await sleep(rough.stallMs);
      }
      if (!isCalm && rough.delayMs > 0) await sleep(random() * rough.delayMs);
      const size = isCalm ? chunk.length : 1 + Math.floor(random() * rough.pieceBytes);
      done.pieces++;
      if (!to.write(chunk.subarray(at, at + size)) && !to.destroyed) {
        await Promise.race([once(to, 'drain'), once(to, 'close')]).catch(() => undefined);
      }
      at += size;
    }
    return !to.destroyed;
  };

  const server = createServer({ noDelay: true }, (client) => {
    done.connections++;
    keep(client);
    if (chance(0.05)) {
      done.refused++;
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(port, '127.0.0.1');
    keep(upstream);
    client.pipe(upstream);
    client.once('close', () => upstream.destroy());
    void forward(upstream, client);
  });

  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  };

  const forward = async (from: Socket, to: Socket): Promise<void> => {
    try {
      for await (const chunk of from) if (!(await pass(chunk as Buffer, to, from))) return;
      to.end();
    } catch {
      to.destroy();
    }
  };

  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    done,
    open: () => sockets.size,
    calm: () => void (isCalm = true),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}
