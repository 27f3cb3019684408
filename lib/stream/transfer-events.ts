import type { PROGRESS } from '../core/progress.js';
import type { ConnectionEvent, StreamEvent } from './stream-events.js';
import type { StreamFlow } from './stream-flow.js';

/** How many bytes have moved, and how many there are where that is known. */
export interface ByteProgress {
  /** `isProgress` is true of it. */
  readonly [PROGRESS]: true;
  readonly type: 'upload' | 'download';
  /** Which connection of this subscription, counted from 1. */
  readonly attempt: number;
  /** From the first byte on, those of earlier subscriptions included; goes back where bytes have to be moved again. */
  readonly loaded: number;
  readonly total: number | undefined;
}

/** What happens while bytes are moved: the states of the connection, progress, and values among them. */
export type TransferEvent<T, C> = StreamEvent<T, C> | ByteProgress;

/** A transfer of bytes that outlives its connections. */
export type TransferFlow<T, C> = StreamFlow<T, C, ConnectionEvent<C> | ByteProgress>;

/** Hears what happens while bytes are moved. */
export type TellTransfer<C> = (event: ConnectionEvent<C> | ByteProgress) => void;
