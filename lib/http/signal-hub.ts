import type { AbortSignalLike } from './types.js';

interface Listener {
  handleEvent(): void;
}

/** Many calls on one signal share a listener: with one each, Node 20 warns of a leak at the eleventh. */
class Hub implements Listener {
  readonly listeners = new Set<Listener>();

  handleEvent(): void {
    for (const listener of [...this.listeners]) listener.handleEvent();
  }
}

const hubs = new WeakMap<AbortSignalLike, Hub>();

/** Has `listener` told when the signal fires. */
export function listen(signal: AbortSignalLike, listener: Listener): void {
  let hub = hubs.get(signal);
  if (!hub) {
    hub = new Hub();
    hubs.set(signal, hub);
  }
  if (hub.listeners.size === 0) signal.addEventListener('abort', hub);
  hub.listeners.add(listener);
}

/** Ends what {@link listen} began; the last one to leave takes the signal's listener along. */
export function unlisten(signal: AbortSignalLike, listener: Listener): void {
  const hub = hubs.get(signal);
  if (hub?.listeners.delete(listener) && hub.listeners.size === 0) signal.removeEventListener('abort', hub);
}
