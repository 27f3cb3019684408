import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { NetworkError } from '../../lib/core/errors.js';
import type { Transport, TransportHandle, TransportRequest, TransportSink } from '../../lib/transport/contract.js';
import { undici } from '../../lib/transport/undici.js';
import { contractCases, runCase } from '../support/contract/index.js';
import { type Facts, startFacts } from './facts.js';

let at: Facts;
beforeAll(async () => {
  at = await startFacts();
});
afterAll(() => at.server.close());

/** What a faulty transport does to a sink, a handle or a request on their way through. */
interface Fault {
  sink?(sink: TransportSink): Partial<TransportSink>;
  handle?(handle: TransportHandle): Partial<TransportHandle>;
  request?(request: TransportRequest): Partial<TransportRequest>;
}

function faulty({ sink: bendSink, handle: bendHandle, request: bendRequest }: Fault): Transport {
  const sound = undici();
  return {
    capabilities: sound.capabilities,
    close: () => sound.close!(),
    open(request, sink) {
      const bent: TransportSink = {
        assigned: () => sink.assigned(),
        sent: () => sink.sent(),
        uploaded: (loaded, total) => sink.uploaded(loaded, total),
        head: (head) => sink.head(head),
        chunk: (bytes) => sink.chunk(bytes),
        end: (trailers) => sink.end(trailers),
        fail: (error) => sink.fail(error),
        ...bendSink?.(sink),
      };
      const handle = sound.open({ ...request, ...bendRequest?.(request) }, bent);
      return {
        waiting: handle.waiting,
        pause: () => handle.pause(),
        resume: () => handle.resume(),
        abort: (reason) => handle.abort(reason),
        ...bendHandle?.(handle),
      };
    },
  };
}

/** A fault, and a case that must notice it. */
const faults: readonly (readonly [fault: string, title: string, Fault])[] = [
  [
    'calls the sink before open returns',
    'brings sent, one head, the body and one end, in this order',
    {
      request: () => ({}),
      sink: (sink) => (sink.sent(), { sent() {} }),
    },
  ],
  [
    'shows the head twice',
    'brings sent, one head, the body and one end, in this order',
    {
      sink: (sink) => ({ head: (head) => (sink.head(head), sink.head(head)) }),
    },
  ],
  ['never says sent', 'brings sent, one head, the body and one end, in this order', { sink: () => ({ sent() {} }) }],
  ['ends twice', 'ends an empty body without a chunk', { sink: (sink) => ({ end: () => (sink.end(), sink.end()) }) }],
  ['ends what failed', 'fails when the server does fin-mid-body', { sink: (sink) => ({ fail: () => sink.end() }) }],
  [
    'fails and ends',
    'fails when the server does reset-mid-body',
    {
      sink: (sink) => ({ fail: (error) => (sink.fail(error), sink.end()) }),
    },
  ],
  [
    'loses bytes',
    'brings 5 MB whole, with and without a length',
    {
      sink: (sink) => ({ chunk: (bytes) => bytes.length > 1 && sink.chunk(bytes.subarray(1)) }),
    },
  ],
  [
    'lends its chunks',
    'brings 5 MB whole, with and without a length',
    {
      sink: (sink) => ({ chunk: (bytes) => (sink.chunk(bytes), bytes.fill(0)) }),
    },
  ],
  [
    'sends empty chunks',
    'brings sent, one head, the body and one end, in this order',
    {
      sink: (sink) => ({ chunk: (bytes) => (sink.chunk(new Uint8Array()), sink.chunk(bytes)) }),
    },
  ],
  [
    'keeps the body until its end',
    'delivers a chunk when it comes, not when the body ends',
    {
      sink: () => ({ chunk() {} }),
    },
  ],
  ['knows no trailers', 'brings the trailers with the end', { sink: (sink) => ({ end: () => sink.end() }) }],
  [
    'joins cookies',
    'keeps cookies apart',
    {
      sink: (sink) => ({
        head: (head) =>
          sink.head({
            ...head,
            headers: Object.assign(Object.create(head.headers) as typeof head.headers, {
              getSetCookie: () => ['first=1; Path=/, second=2; Path=/'],
            }),
          }),
      }),
    },
  ],
  ['sends GET for everything', 'sends the method it is given', { request: () => ({ method: 'GET' }) }],
  [
    'decodes the path',
    'sends path and query as they are',
    {
      request: ({ path }) => ({ path: path.replace('%2F', '/') }),
    },
  ],
  [
    'forgets a header field',
    'sends header fields as they are',
    {
      request: ({ headers }) => ({ headers: headers.slice(2) }),
    },
  ],
  ['sends an empty text for a Blob', 'sends a Blob with its type and length', { request: () => ({ body: '' }) }],
  [
    'tells of progress that nobody asked for',
    'tells nothing where nobody asks for progress',
    {
      request: () => ({ uploadProgress: true }),
    },
  ],
  [
    'tells too much progress',
    'tells how much of a body has left, up to all of it',
    {
      sink: (sink) => ({ uploaded: (loaded, total) => sink.uploaded(loaded + 1, total) }),
    },
  ],
  ['cannot pause', 'delivers nothing between pause in the head and resume', { handle: () => ({ pause() {} }) }],
  ['pauses for ever', 'loses nothing by pause and resume at every chunk', { handle: () => ({ resume() {} }) }],
  ['only seems to abort', 'aborts while the server thinks, and the server sees it', { handle: () => ({ abort() {} }) }],
  [
    'tells of an abort',
    'takes a second abort, and one after the end, for nothing',
    {
      sink(sink) {
        return { head: (head) => (sink.head(head), sink.fail(new NetworkError('aborted', 'receive'))), end() {} };
      },
    },
  ],
  [
    'asks for no content coding',
    'undoes each coding that it asks for',
    {
      request: ({ headers }) => ({ headers: [...headers, 'accept-encoding', 'identity'] }),
    },
  ],
  [
    'has no limit of codings',
    'refuses more codings on one another than the limit allows',
    {
      request: ({ limits }) => ({ limits: { ...limits, encodings: 100 } }),
    },
  ],
  [
    'calls every failure final',
    'fails where nothing listens',
    {
      sink: (sink) => ({ fail: (error) => (Object.assign(error, { retryable: false }), sink.fail(error)) }),
    },
  ],
];

describe('the contract suite', () => {
  it('has cases under names of their own', () => {
    const titles = contractCases(undici().capabilities).map(({ title }) => title);

    expect(new Set(titles).size).toBe(titles.length);
    expect(titles.length).toBeGreaterThan(90);
  });

  it.each(faults)(
    'notices a transport that %s',
    async (_fault, title, fault) => {
      await expect(runCase(title, () => faulty(fault), at.facts)).rejects.toBeInstanceOf(Error);
    },
    20_000,
  );

  it('does not know of cases that are not there', async () => {
    await expect(runCase('does what nobody promised', () => undici(), at.facts)).rejects.toThrow('there is no case');
  });
});
