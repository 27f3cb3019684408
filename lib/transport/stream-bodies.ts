interface Probe {
  readonly headers: { get(name: string): string | null };
}
/** What of the platform is asked. */
interface Platform {
  readonly Request: new (url: string, init: object) => Probe;
  readonly ReadableStream: new () => object;
}
const platform = globalThis as unknown as Platform;

/** A Request that is never sent, or `undefined` where it cannot be made. */
export function probe(init: object): Probe | undefined {
  try {
    return new platform.Request('http://a', init);
  } catch {
    return undefined;
  }
}

/**
 * How the platform's Request takes a stream as body: `half` where it asks for `duplex`, as the standard has it. One that
 * does not know stream bodies sends their name as text; Safari knows them, but not for fetch, and does not ask.
 */
export function streamBodies(): 'half' | 'plain' | undefined {
  let kind: 'half' | 'plain' = 'plain';
  const init = {
    method: 'POST',
    get body() {
      return new platform.ReadableStream();
    },
    get duplex() {
      kind = 'half';
      return 'half';
    },
  };
  return probe(init)?.headers.get('content-type') === null ? kind : undefined;
}
