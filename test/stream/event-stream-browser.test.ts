import { fileURLToPath } from 'node:url';

import { beforeAll, expect, it } from 'vitest';

import { type Called, openScript } from '../support/browser/page-script.js';
import { describeInBrowser } from '../support/browser/suite.js';
import { eventsFrom, type SseScript, startSse } from '../support/sse-server.js';
import type { EventPage } from './event-stream-page.js';

const entry = fileURLToPath(new URL('./event-stream-page.ts', import.meta.url));
const cors = { 'access-control-allow-origin': '*' };

describeInBrowser('test/stream/event-stream-browser.test.ts', 1, 'eventStream in Chromium', (suite) => {
  let page: Called<EventPage>;
  beforeAll(async () => {
    page = (await openScript<EventPage>(suite().browser, suite().server, { entry, name: 'eventPage' })).script;
  });

  it('goes on behind the last event from another origin, and closes the connection when it is left', async () => {
    let gone: Promise<unknown> | undefined;
    const script: SseScript = (answer) => {
      const { method, headers } = answer.request;
      if (method === 'OPTIONS') {
        answer.head(204, { ...cors, 'access-control-allow-headers': 'last-event-id' });
        return answer.end();
      }
      const last = Number(headers['last-event-id'] ?? 0);
      answer.head(200, { ...cors, 'content-type': 'text/event-stream' });
      answer.send(`${eventsFrom(last + 1, last + 3)}id: ${last + 4}\ndata: cut`);
      if (last === 0) setTimeout(answer.cut, 50);
      else ({ gone } = answer);
    };
    await using server = await startSse(script);
    await page.open(server.origin);
    const first = ['connecting', 'open', '1', '2', '3', 'lost', 'waiting'];
    await expect.poll(() => page.look()).toEqual([...first, 'connecting', 'open', '4', '5', '6']);
    // The first request is one that a page may send without asking; the field makes the second one need leave.
    expect(server.requests.map(({ method }) => method)).toEqual(['GET', 'OPTIONS', 'GET']);
    await page.leave();
    await gone;
    expect(await page.look()).toHaveLength(12);
  });
});
