import type { Socket } from 'node:net';

import { buildConnector } from 'undici';

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
