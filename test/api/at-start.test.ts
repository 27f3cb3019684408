import { basename } from 'node:path';

import { build } from 'esbuild';
import { expect, it } from 'vitest';

/** The modules that a page with this program loads at its start. */
async function modulesOf(program: string): Promise<string[]> {
  const { metafile } = await build({
    stdin: { contents: program, resolveDir: process.cwd(), loader: 'js' },
    bundle: true,
    write: false,
    metafile: true,
    // Without ours, in which the package's names are its sources.
    tsconfigRaw: {},
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    outdir: 'nowhere',
    external: ['rxjs', 'cross-fetch', 'node:*'],
  });
  const start = Object.keys(metafile.outputs).find((path) => basename(path) === 'stdin.js')!;
  const chunks = new Set([start]);
  for (const path of chunks) {
    for (const { path: next, kind } of metafile.outputs[path]?.imports ?? [])
      if (kind === 'import-statement') chunks.add(next);
  }
  const inputs = [...chunks].flatMap((path) => Object.entries(metafile.outputs[path]?.inputs ?? {}));
  return inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => basename(path, '.js'));
}

it('a client in a browser does not load at its start what few calls need', async () => {
  const modules = await modulesOf("export { createApi, fetchTransport, json } from 'millrace';");

  expect(modules).toEqual(expect.arrayContaining(['api', 'fetch-exchange', 'json']));
  for (const rare of ['follow-redirect', 'web-failure', 'web-body', 'xhr', 'xhr-fetch', 'auth', 'credentials'])
    expect(modules).not.toContain(rare);
});
