import { startServer } from './start.js';
import type { PageOptions, Server, Site, Sites } from './types.js';

/** Methods of the handle that cross to the other process. */
export type Remote = Exclude<keyof Server, keyof Sites | 'waitFor'>;

export interface Ask {
  readonly id: number;
  readonly method: Remote;
  readonly args: readonly unknown[];
}

export interface Told {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

export interface Ready {
  readonly ready: Readonly<Record<string, Omit<Site, 'url'>>>;
}

const siteNames = ['other', 'third', 'secure', 'wrongHost', 'expired', 'selfSigned', 'h2'] as const;

// A function cannot cross to the other process.
const plain = ({ origin, port }: Site) => ({ origin, port });

/** Runs in the forked process: starts a server with the options that come first, then answers what is asked. */
export function serveParent(): void {
  process.once('disconnect', () => process.exit()); // never outlive who started this
  process.once('message', (options: PageOptions) => void serve(options));
}

async function serve(options: PageOptions): Promise<void> {
  const server = await startServer(options);
  process.on('message', (ask: Ask) => void answer(server, ask));
  const named = siteNames.map((name) => [name, plain(server[name])] as const);
  tell({ ready: { main: plain(server), ...Object.fromEntries(named) } });
}

async function answer(server: Server, { id, method, args }: Ask): Promise<void> {
  try {
    const call = server[method] as (...given: readonly unknown[]) => unknown;
    tell({ id, value: await call(...args) });
  } catch (error) {
    tell({ id, error: error instanceof Error ? error.message : String(error) });
  }
}

function tell(message: Told | Ready): void {
  process.send?.(message);
}
