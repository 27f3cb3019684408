import { holds, same } from './check.js';
import type { Case } from './types.js';

/** What comes back: status, header fields, bodies. */
export const answerCases: readonly Case[] = [
  {
    title: 'brings sent, one head, the body and one end, in this order',
    async run(bench) {
      const { sink } = await bench.fetch('/json');
      same([...new Set(sink.events)], ['sent', 'head', 'chunk', 'end'], 'events');
      same(sink.answer?.status, 200, 'status');
      same(sink.answer?.headers.get('content-type'), 'application/json', 'content-type');
      holds(JSON.parse(sink.text).ok, 'the body is whole');
    },
  },
];
