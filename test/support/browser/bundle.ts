import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** The names under which programs know our sources, as a browser resolves them. */
const alias = {
  '#fetch': `${root}lib/transport/fetch-browser.ts`,
  '#socket': `${root}lib/stream/socket-platform.ts`,
  '#transport': `${root}lib/transport/default-browser.ts`,
  millrace: `${root}lib/index.ts`,
  'millrace/operators': `${root}operators/index.ts`,
  'millrace/testing': `${root}lib/testing/index.ts`,
};

/** A module for a browser, made of a TypeScript file and all that it imports from our sources. */
export async function bundleForBrowser(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    alias,
    logLevel: 'silent',
  });
  return outputFiles[0]!.text;
}

/** An HTML page that runs a module. */
export function pageOf(script: string): string {
  return `<!doctype html><meta charset="utf-8"><title>test</title><script type="module">${script.replaceAll('</script', '<\\/script')}</script>`;
}
