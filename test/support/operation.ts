import { type Subscription, take } from 'rxjs';

import { type Api, createApi } from '../../lib/http/api.js';
import type { Call } from '../../lib/http/call.js';
import type { ApiOptions } from '../../lib/http/types.js';
import { longRunning } from '../../lib/stream/long-running.js';
import type { LongRunningOptions } from '../../lib/stream/operation-settings.js';
import type { Operation, OperationEvent } from '../../lib/stream/operation-types.js';
import type { FakeHeadersInput } from '../../lib/testing/fake-headers.js';
import { type FakeTransport, fakeTransport } from '../../lib/testing/fake-transport.js';
import { type HandClock, handClock } from './hand-clock.js';

export const ORIGIN = 'https://a.test';
/** Long enough for what a fake transport does in microtasks. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** An operation whose server is the test, on a clock that is turned by hand. */
export class Watched {
  readonly fake: FakeTransport = fakeTransport();
  readonly clock: HandClock = handClock();
  readonly api: Api;
  readonly values: unknown[] = [];
  readonly events: OperationEvent[] = [];
  /** Undefined while it runs. */
  ended: unknown;
  readonly #subscription: Subscription;

  constructor(
    options: LongRunningOptions | ((api: Api) => LongRunningOptions) = {},
    make: (api: Api) => Call<unknown> = (api) => api.post('/jobs', { body: { a: 1 } }),
    apiOptions: ApiOptions = {},
    most = Infinity,
  ) {
    const common = { transport: this.fake, clock: this.clock, random: () => 0, retry: false } as const;
    this.api = createApi({ baseUrl: ORIGIN, ...common, ...apiOptions });
    const given = typeof options === 'function' ? options(this.api) : options;
    this.#subscription = longRunning(make(this.api), given)
      .events()
      .pipe(take(most))
      .subscribe({
        next: (event) => void (event.type === 'value' ? this.values.push(event.value) : this.events.push(event)),
        error: (error: unknown) => (this.ended = error),
        complete: () => (this.ended = 'complete'),
      });
  }

  /** Answers the request that waits. */
  async answer(status: number, body?: unknown, headers?: FakeHeadersInput): Promise<void> {
    this.fake.last.answer(status, body, headers);
    await settle();
  }

  /** Lets time pass, and what comes of it. Unit: milliseconds. */
  async pass(ms: number): Promise<void> {
    this.clock.pass(ms);
    await settle();
  }

  /** Method and path of each request, for origins other than that of the client the URL. */
  get asked(): string[] {
    return this.fake.requests.map(({ request }) => `${request!.method} ${request!.url.replace(ORIGIN, '')}`);
  }

  /** A field of the last request. */
  sent(name: string): string | undefined {
    const { headers } = this.fake.last.request!;
    const at = headers.findIndex((one, i) => i % 2 === 0 && one === name);
    return at < 0 ? undefined : headers[at + 1];
  }

  get operation(): Operation {
    return this.events[0]!.operation;
  }

  leave(): void {
    this.#subscription.unsubscribe();
  }
}
