import type { Socket } from 'node:net';

import { buildConnector } from 'undici';

import { readOptions } from '../core/options.js';

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

/** What TLS may be told, in the words of node's `tls.connect`. */
export interface TlsOptions {
  /** Authorities to trust, PEM; they replace the platform's. */
  readonly ca?: string | readonly string[];
  /** The client's certificate chain, PEM. */
  readonly cert?: string;
  /** The client's private key, PEM. */
  readonly key?: string;
  readonly passphrase?: string;
  /** The name to ask for and to check. @defaultValue the URL's host */
  readonly servername?: string;
  /** `false` accepts any certificate: for tests on one's own machine only. @defaultValue true */
  readonly rejectUnauthorized?: boolean;
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
}

const TLS_NAMES = ['ca', 'cert', 'key', 'passphrase', 'servername', 'rejectUnauthorized', 'minVersion'] as const;

/** @throws ConfigError when there is a member that is not known */
export function readTls(given: TlsOptions | undefined, where: string): TlsOptions {
  return readOptions(given, TLS_NAMES, where);
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
