import { connect, type Socket, type TcpNetConnectOpts } from 'node:net';

import { buildConnector, errors } from 'undici';

import { systemClock } from '../core/clock.js';
import { Intake } from './intake.js';
import type { TlsOptions } from './undici-options.js';

/** Where to connect to, as undici says it. */
export type Target = buildConnector.Options;
/** Gets the socket once it can be used, under TLS once it is secure. */
export type Connected = buildConnector.Callback;

/** An attempt to connect. */
export interface Connecting {
  /** Gives up: the socket is closed. Does nothing once the socket is handed over. */
  cancel(): void;
}

/** Opens sockets. */
export type Connect = (target: Target, connected: Connected) => Connecting;

/** The target that a URL names; undici wants IPv6 addresses without their brackets. */
export function targetOf({ protocol, host, hostname, port }: URL): Target {
  return { protocol, host, hostname: hostname.replaceAll(/^\[|\]$/g, ''), port };
}

/** One connector for all connections of a transport: TLS sessions are resumed across them. */
export function connector(tls: TlsOptions, connectMs: number, http2: boolean): Connect {
  const set = { ...(tls as object), timeout: connectMs, allowH2: http2 };
  // Inherits nothing: undici would take `socketPath` and the like from a polluted prototype.
  const open = buildConnector(Object.assign(Object.create(null) as object, set));
  return (target, connected) => {
    // undici returns the socket although its types do not say so: without it, an attempt could not be given up.
    const socket = open(target, connected) as unknown as Socket | undefined;
    return { cancel: () => void (socket?.destroyed === false && socket.destroy(new Error('given up'))) };
  };
}

/** Opens sockets without TLS, which bring their bytes straight to an {@link Intake}. */
export function plainConnector(connectMs: number): Connect {
  return ({ hostname, port }, connected) => {
    const intake = new Intake(true);
    const options: TcpNetConnectOpts & { readonly __proto__: null; readonly highWaterMark: number } = {
      // Inherits nothing: node would take `path` and the like from a polluted prototype.
      __proto__: null,
      host: hostname,
      port: Number(port) || 80,
      highWaterMark: 65_536,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 60_000,
      onread: intake.onread(),
    };
    const socket = connect(options);
    const late = (): void => {
      const said = `Connect Timeout Error (attempted address: ${hostname}:${port || 80}, timeout: ${connectMs}ms)`;
      socket.destroy(new errors.ConnectTimeoutError(said));
    };
    const inTime = systemClock.after(connectMs, late);
    const failed = (error: Error): void => {
      inTime();
      connected(error, null);
    };
    socket.once('error', failed).once('connect', () => {
      inTime();
      socket.off('error', failed);
      intake.attach(socket);
      connected(null, socket);
    });
    return { cancel: () => void (socket.destroyed || socket.destroy(new Error('given up'))) };
  };
}
