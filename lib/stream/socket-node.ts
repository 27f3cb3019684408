import type { OpenSocket } from './socket-contract.js';
import { loadSocket as loadPlatformSocket } from './socket-platform.js';
import { loadWs } from './socket-ws.js';

let loading: Promise<OpenSocket> | undefined;

/** Where sockets come from on Node: the package `ws` where it is installed, else Node's own. */
export function loadSocket(): OpenSocket | Promise<OpenSocket> {
  return (loading ??= (async () => (await loadWs()) ?? loadPlatformSocket())());
}
