import { describe, expect, it } from 'vitest';

import { offline, pageHidden, type PageLike } from '../../../lib/core/policy/page.js';

/** What a page has of events, and a count of its listeners. */
class FakeTarget {
  readonly listeners = new Map<string, Set<() => void>>();
  get count(): number {
    return [...this.listeners.values()].reduce((sum, { size }) => sum + size, 0);
  }
  addEventListener(type: string, listener: () => void): void {
    this.listeners.set(type, (this.listeners.get(type) ?? new Set()).add(listener));
  }
  removeEventListener(type: string, listener: () => void): void {
    this.listeners.get(type)?.delete(listener);
  }
  tell(type: string): void {
    for (const listener of this.listeners.get(type) ?? []) listener();
  }
}

class FakePage extends FakeTarget {
  readonly navigator = { onLine: true };
  readonly document = Object.assign(new FakeTarget(), { visibilityState: 'visible' });
}

describe('offline', () => {
  it('says how it is, then each change, and listens to nothing after it is left', () => {
    const page = new FakePage();
    const seen: boolean[] = [];
    const subscription = offline(page).subscribe((state) => seen.push(state));
    for (const [onLine, type] of [
      [false, 'offline'],
      [false, 'offline'],
      [true, 'online'],
    ] as const) {
      page.navigator.onLine = onLine;
      page.tell(type);
    }
    expect([seen, page.count]).toEqual([[false, true, false], 2]);
    subscription.unsubscribe();
    expect(page.count).toBe(0);
  });

  it('listens to nothing before it is subscribed', () => {
    const page = new FakePage();
    offline(page);
    expect(page.count).toBe(0);
  });

  it('is false where nothing is known of the network', () => {
    const seen: boolean[] = [];
    for (const page of [{}, { navigator: {} }] as PageLike[]) offline(page).subscribe((state) => seen.push(state));
    offline().subscribe((state) => seen.push(state));
    expect(seen).toEqual([false, false, false]);
  });
});

describe('pageHidden', () => {
  it('says whether the page is hidden, then each change', () => {
    const page = new FakePage();
    const seen: boolean[] = [];
    const subscription = pageHidden(page).subscribe((state) => seen.push(state));
    page.document.visibilityState = 'hidden';
    page.document.tell('visibilitychange');
    expect([seen, page.document.count]).toEqual([[false, true], 1]);
    subscription.unsubscribe();
    expect(page.document.count).toBe(0);
  });

  it('is false where there is no page', () => {
    const seen: boolean[] = [];
    pageHidden({}).subscribe((state) => seen.push(state));
    pageHidden().subscribe((state) => seen.push(state));
    expect(seen).toEqual([false, false]);
  });
});
