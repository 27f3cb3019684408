import { Agent, get, type IncomingMessage, request } from 'node:http';

import type { Done, Open } from '../client.ts';
import { parse } from '../dispatch.ts';

export const open: Open = () => {
  const agent = new Agent({ keepAlive: true });
  return {
    start: ({ url, body, gzip }, done) => {
      const read = reader(gzip, done);
      if (!body) return void get(url, { agent }, read).on('error', done);
      const text = JSON.stringify(body);
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
      request(url, { agent, method: 'POST', headers }, read).on('error', done).end(text);
    },
    stream: (url) => new Promise((resolve, reject) => get(url, { agent }, resolve).on('error', reject)),
  };
};

const reader = (gzip: boolean, done: Done) => (answer: IncomingMessage) => {
  const chunks: Buffer[] = [];
  answer.on('data', (chunk: Buffer) => chunks.push(chunk));
  answer.on('error', done);
  answer.on('end', () => {
    if (answer.statusCode === 200) done(undefined, parse(chunks, gzip));
    else done(new Error(`status ${answer.statusCode}`));
  });
};
