import type {
  Capabilities,
  Transport,
  TransportBody,
  TransportHandle,
  TransportRequest,
} from '../../../lib/transport/contract.js';
import type { Recorded } from '../server/types.js';
import type { Recorder } from './recorder.js';

/** What the cases may ask of the test server: plain data both ways, so that a page can ask too. */
export interface ContractServer {
  readonly origin: string;
  /** Another origin of the same server. */
  readonly other: string;
  /** An origin at which nothing listens. */
  readonly refused: string;
  /**
   * The exchange that was sent with `?id=`, once it has come this far.
   * `arrived`: its head is here. `over`: it is not open any more. `held`: the client holds the server's writes back.
   * Rejects when that takes longer than 5 s.
   */
  seen(id: string, until: SeenUntil): Promise<Recorded>;
}

export type SeenUntil = 'arrived' | 'over' | 'held';

/** Whether an exchange, as the server recorded it, has come so far. */
export function hasCome(seen: Recorded, until: SeenUntil): boolean {
  if (until === 'arrived') return true;
  return until === 'held' ? seen.heldNowMs > 50 : seen.state !== 'open';
}

/** One exchange of a case. */
export interface Opened {
  /** The `?id=` under which the server knows it. */
  readonly id: string;
  readonly request: TransportRequest;
  readonly handle: TransportHandle;
  readonly sink: Recorder;
}

/** What a case sends: a method and a path of the test server; the rest has defaults. */
export interface Ask extends Partial<Omit<TransportRequest, 'url' | 'origin' | 'path' | 'headers' | 'body'>> {
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body?: TransportBody;
  /** Called at each event, before it is recorded. */
  readonly on?: SinkHooks;
}

/** Where a case acts inside an event. */
export interface SinkHooks {
  readonly sent?: (opened: Opened) => void;
  readonly head?: (opened: Opened) => void;
  readonly chunk?: (opened: Opened) => void;
  readonly uploaded?: (opened: Opened) => void;
}

/** What a case works with. */
export interface Bench {
  /** Made for this case alone, and closed after it. */
  readonly transport: Transport;
  readonly capabilities: Capabilities;
  readonly server: ContractServer;
  /** Opens an exchange with `path` of the server's main origin, or with an absolute URL. */
  open(path: string, ask?: Ask): Opened;
  /** Opens one and resolves when it has ended well; rejects with the error when it failed. */
  fetch(path: string, ask?: Ask): Promise<Opened>;
  /** Opens one and resolves with the error it fails with; rejects when it ends well. */
  failure(path: string, ask?: Ask): Promise<Error & { readonly kind?: string; readonly retryable?: boolean }>;
}

/** One promise of the contract. */
export interface Case {
  readonly title: string;
  /** Without these capabilities the promise was not given. */
  readonly needs?: (capabilities: Capabilities) => boolean;
  /** About something that only HTTP/1.1 has: reason phrases, chunks, heads in text. */
  readonly http1?: true;
  run(bench: Bench): Promise<void>;
}
