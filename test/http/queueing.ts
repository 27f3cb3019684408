import type { Transport, TransportHandle } from '../../lib/transport/contract.js';

/** A transport without a free connection. */
export interface Queueing extends Transport {
  /** Gives a connection to the request that has waited for longest. */
  assign(): void;
  /** Requests that wait. */
  readonly waiting: number;
}

/** Makes each request wait for a connection, which the test hands out. */
export function queueing(inner: Transport): Queueing {
  const queue = new Set<() => void>();
  return {
    capabilities: inner.capabilities,
    get waiting() {
      return queue.size;
    },
    assign() {
      const [next] = queue;
      queue.delete(next!);
      next!();
    },
    open(request, sink) {
      let handle: TransportHandle | undefined;
      const enter = (): void => {
        sink.assigned();
        handle = inner.open(request, sink);
      };
      queue.add(enter);
      return {
        waiting: true,
        pause: () => handle?.pause(),
        resume: () => handle?.resume(),
        abort: (reason) => {
          queue.delete(enter);
          handle?.abort(reason);
        },
      };
    },
  };
}
