import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { build, type Plugin } from 'esbuild';

const here = fileURLToPath(new URL('..', import.meta.url));

/** What `import()` names is loaded by the few programs that come by it, so it is not counted, whoever wrote it. */
const later: Plugin = {
  name: 'later',
  setup({ onResolve }) {
    onResolve({ filter: /./ }, ({ kind, path }) => (kind === 'dynamic-import' ? { path, external: true } : undefined));
  },
};

/** Bytes that a program with this in it loads at its start, minified and gzipped, for browsers. */
export async function bundledBytes(program: string, outside: readonly string[]): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: here, loader: 'js' },
    bundle: true,
    // Without ours, in which the package's names are its sources.
    tsconfigRaw: {},
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    conditions: ['browser', 'production'],
    define: { 'process.env.NODE_ENV': '"production"', ngDevMode: 'false', ngJitMode: 'false' },
    external: [...outside, 'node:*'],
    treeShaking: true,
    logLevel: 'error',
    plugins: [later],
  });
  return gzipSync(outputFiles[0]!.contents, { level: 9 }).length;
}
