import { execFile } from 'node:child_process';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type Consumer, makeConsumer, toolbox } from '../support/consumer/install.js';

const program = `
import { createApi, type Call, type Flow, fromIterable, ndjson, StatusError, type Layer } from 'millrace';
import { debounceMap, mergeOrdered, retryBackoff } from 'millrace/operators';
import { type Observable, map, of } from 'rxjs';
import { z } from 'zod';

const User = z.object({ id: z.number(), name: z.string() });
const api = createApi({ baseUrl: 'https://api.example.com', retry: { attempts: 2 } });
const one: Call<{ id: number; name: string }> = api.get('/users/{id}', { path: { id: 1 }, as: User });
const typed: Call<number> = api.get<number>('/count');
const many: Flow<{ id: number; name: string }> = api.get('/export', { as: ndjson(User) });
const names: Flow<string> = many.via(mergeOrdered((user) => of(user.name), { concurrency: 2 }));
const lengths: Observable<number> = names.pipe(map((name) => name.length));
const found: Observable<unknown> = of('a').pipe(debounceMap((q) => api.get('/s', { query: { q } }), { waitMs: 1 }), retryBackoff());
const layer: Layer = (request, next) => next({ ...request, headers: { ...request.headers, a: 'b' } });
// @ts-expect-error a stock operator does not keep demand
many.via(map((user) => user.name));
// @ts-expect-error an option that does not exist
createApi({ baseURL: 'x' });
// @ts-expect-error a nested object cannot be written into a query
api.get('/x', { query: { a: { b: 1 } } });
async function read(error: unknown): Promise<void> {
  for await (const id of fromIterable([1]).via(mergeOrdered((n) => of(n * 2), { concurrency: 1 }))) id.toFixed();
  if (error instanceof StatusError) error.status.toFixed();
}
export { found, layer, lengths, one, read, typed };
`;

let consumer: Consumer;
beforeAll(async () => {
  consumer = await makeConsumer({ zod: '^4' });
  consumer.write('program.ts', program);
}, 120_000);
afterAll(() => consumer?.remove());

describe('the types of the packed tarball, without those of Node', () => {
  const dom = ['ES2022', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'];
  const cases = [
    { version: '5.9', resolution: 'bundler', module: 'esnext', lib: ['ES2022'] },
    { version: '5.9', resolution: 'nodenext', module: 'nodenext', lib: dom },
    { version: '7.0', resolution: 'bundler', module: 'esnext', lib: dom },
    { version: '7.0', resolution: 'nodenext', module: 'nodenext', lib: ['ES2022'] },
  ];
  it.each(cases)('hold in TypeScript $version with $resolution and $lib', { timeout: 120_000 }, async (options) => {
    const { version, resolution, module, lib } = options;
    const folder = (await toolbox({ typescript: version }))('typescript');
    expect(folder, `typescript@${version} can be installed`).toBeDefined();
    const compilerOptions = {
      strict: true,
      noEmit: true,
      target: 'es2022',
      lib,
      types: [],
      module,
      moduleResolution: resolution,
    };
    consumer.write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['program.ts'] }));
    const output = await new Promise<string>((done) => {
      execFile(process.execPath, [join(folder!, 'bin/tsc'), '--pretty', 'false'], { cwd: consumer.folder }, (_, text) =>
        done(text),
      );
    });
    // What rxjs and zod get wrong without the DOM is not ours.
    const errors = output
      .split('\n')
      .filter((line) => line.includes('error TS') && !/^node_modules\/(rxjs|zod)\//.test(line));
    expect(errors).toEqual([]);
  });
});
