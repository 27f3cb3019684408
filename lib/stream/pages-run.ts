import type { Unsubscribable } from 'rxjs';

import { ProtocolError } from '../core/answer-errors.js';
import type { FlowSubscriber } from '../core/demand.js';
import { ConfigError } from '../core/errors.js';
import { oneLine } from '../core/one-line.js';
import { Outlet } from '../core/outlet.js';
import type { ApiResponse } from '../http/answer-types.js';
import { type Call, OUTCOME } from '../http/call.js';
import { does } from '../http/settings.js';
import { redactUrl } from '../http/summary.js';
import { type PageAsked, tellPage, toldAnswer } from './page-answer.js';
import type { Page, PageEvent } from './page.js';

/** How pages are asked for and read; shared by all runs. */
export interface PageRules<T, C> {
  readonly page: (cursor: C | undefined, count: number) => Call<unknown>;
  readonly next: (response: ApiResponse<unknown>, cursor: C | undefined) => C | undefined;
  readonly items: (body: unknown, count: number) => readonly T[];
  /** The cursor of the page itself, where its answer knows it: its URL. */
  readonly own: ((response: ApiResponse<unknown>) => unknown) | undefined;
  readonly from: C | undefined;
  readonly prefetch: boolean;
}

/** Cursors remembered to find loops: so long a loop is found at its first repeat. */
const MOST_SEEN = 10_000;

/** Sends what is picked of each page, and asks for a page when something of it is wanted. */
export class PagesRun<R, T, C> extends Outlet<R> {
  readonly #rules: PageRules<T, C>;
  readonly #pick: (page: Page<T, C>) => readonly R[];
  readonly #tell: ((event: PageEvent<C>) => void) | undefined;
  readonly #seen = new Set<string>();
  /** What is being sent, and what comes after it where that was fetched ahead. */
  #ready: readonly R[] = [];
  #at = 0;
  #ahead: readonly R[] | undefined;
  #cursor: C | undefined;
  #count = 0;
  #isLast = false;
  #isAsking = false;
  #isFetching = false;
  #fetching: Unsubscribable | undefined;

  /** @param tell - hears how pages are fetched; `undefined` where nobody looks */
  constructor(
    to: FlowSubscriber<R>,
    rules: PageRules<T, C>,
    pick: (page: Page<T, C>) => readonly R[],
    tell: ((event: PageEvent<C>) => void) | undefined,
  ) {
    super(to);
    this.#rules = rules;
    this.#pick = pick;
    this.#tell = tell;
    this.#cursor = rules.from;
    if (rules.from !== undefined) this.#seen.add(keyOf(rules.from));
  }

  protected override get held(): number {
    return this.#ready.length - this.#at + (this.#ahead?.length ?? 0);
  }

  protected override pull(): boolean {
    if (this.#at === this.#ready.length && this.#ahead) {
      this.#ready = this.#ahead;
      this.#at = 0;
      this.#ahead = undefined;
    }
    if (this.#at === this.#ready.length) return false;
    this.emit(this.#ready[this.#at++]!);
    return true;
  }

  /** A loop, since an answer out of a cache may come at once: pages would nest in one another. */
  protected override idle(): void {
    if (this.#isAsking) return;
    this.#isAsking = true;
    while (this.#isPageWanted()) this.#fetch();
    this.#isAsking = false;
  }

  protected override release(): void {
    this.#ready = [];
    this.#at = 0;
    this.#ahead = undefined;
    this.#fetching?.unsubscribe();
  }

  #isPageWanted(): boolean {
    if (!this.isOpen || this.#isLast || this.#isFetching) return false;
    if (this.#at === this.#ready.length && !this.#ahead && this.requested > 0) return true;
    // No page is fetched ahead of one that nobody has begun to read.
    return this.#rules.prefetch && !this.#ahead && (this.#at > 0 || (this.#count > 0 && this.#ready.length === 0));
  }

  #fetch(): void {
    const cursor = this.#cursor;
    this.#isFetching = true;
    try {
      const call = this.#rules.page(cursor, ++this.#count);
      if (!does(call, 'response')) throw new ConfigError('paginate.page', 'must return a call, such as api.get(path)');
      const asked = this.#asked(call, cursor);
      if (asked) tellPage(asked, 1, { type: 'connecting' });
      // Whoever listens may have left.
      if (!this.isOpen) return;
      this.#fetching = (asked ? toldAnswer(asked) : call.response()).subscribe({
        next: (response) => this.#arrive(response, cursor, asked),
        error: (error: unknown) => this.fail(error),
      });
    } catch (error) {
      this.fail(error);
    }
    if (!this.isOpen) this.#fetching?.unsubscribe();
  }

  /** What is told of this page, where somebody looks. */
  #asked(call: Call<unknown>, cursor: C | undefined): PageAsked<C> | undefined {
    const tell = this.#tell;
    const outcome = call[OUTCOME];
    return tell && 'plan' in outcome ? { call, plan: outcome.plan, page: this.#count, cursor, tell } : undefined;
  }

  #arrive(response: ApiResponse<unknown>, cursor: C | undefined, asked: PageAsked<C> | undefined): void {
    this.#isFetching = false;
    try {
      const items = this.#rules.items(response.body, this.#count);
      const next = this.#rules.next(response, cursor);
      this.#turn(next, response);
      this.#take(this.#pick({ items, cursor, next, response }));
      if (asked) tellPage(asked, response.attempts, { type: 'page', items: items.length, next });
    } catch (error) {
      return this.fail(error);
    }
    if (this.#isLast) this.complete();
    else this.drain();
  }

  /** Notes where the next page lies. */
  #turn(next: C | undefined, response: ApiResponse<unknown>): void {
    const own = this.#rules.own?.(response);
    if (own !== undefined) this.#seen.add(keyOf(own));
    this.#cursor = next;
    this.#isLast = next === undefined;
    if (this.#isLast) return;
    const key = keyOf(next);
    if (this.#seen.has(key)) {
      throw new ProtocolError(
        `page ${this.#count} leads back to one before it: the cursor ${oneLine(redactUrl(key), 200)} came twice`,
      );
    }
    this.#seen.add(key);
    // A Set keeps the order of insertion: its first one is the oldest.
    if (this.#seen.size > MOST_SEEN) this.#seen.delete(this.#seen.values().next().value!);
  }

  #take(picked: readonly R[]): void {
    if (this.#at < this.#ready.length) {
      this.#ahead = picked;
      return;
    }
    this.#ready = picked;
    this.#at = 0;
  }
}

/** Cursors are compared by what they say: some are objects. */
function keyOf(cursor: unknown): string {
  return typeof cursor === 'string' ? cursor : JSON.stringify(cursor);
}
