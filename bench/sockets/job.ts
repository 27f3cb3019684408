/** One message of a feed: about 200 bytes of JSON, or about 20. */
export interface Tick {
  readonly n: number;
  readonly symbol: string;
}
export interface FullTick extends Tick {
  readonly bid: number;
  readonly ask: number;
  readonly at: string;
  readonly venue: string;
  readonly note: string;
}

/** An open connection. */
export interface Feed {
  send(message: unknown): void;
}

/** What a contender exports under the name `connect`: `take` gets each message, parsed; resolves when it is open. */
export type Connect = (url: string, take: (tick: Tick) => void) => Promise<Feed>;

export const tinyTick = (n: number): Tick => ({ n, symbol: 'ACME' });

export const tick = (n: number): FullTick => ({
  n,
  symbol: 'ACME',
  bid: 101.25,
  ask: 101.5,
  at: '2026-01-01T12:00:00.000Z',
  venue: 'XETR',
  note: 'x'.repeat(70),
});
