import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

import { describe, expect, it } from 'vitest';

import { entries, manifest } from '../support/entries.js';

const run = promisify(execFile);
// The Node that runs npm is the developer's own, perhaps the oldest one we support; the tests themselves run on Node 24.
const node = process.env['npm_node_execpath'] ?? process.execPath;

async function evaluate(script: string, ...flags: string[]): Promise<string> {
  const { stdout } = await run(node, ['--no-warnings', ...flags, '--input-type=module', '--eval', script]);
  return stdout.trim();
}

describe('the package', () => {
  for (const { name } of entries) {
    it(`gives ${name} one identity, required or imported`, async () => {
      const script = `
        import { createRequire } from 'node:module';
        const imported = await import('${name}');
        const required = createRequire(process.cwd() + '/package.json')('${name}');
        const names = Object.keys(imported);
        console.log(names.length > 0 && names.every((key) => imported[key] === required[key]));`;
      await expect(evaluate(script)).resolves.toBe('true');
    });
  }

  it('chooses the transport by condition, edge runtimes first', () => {
    const order = ['workerd', 'edge-light', 'bun', 'deno', 'react-native', 'browser', 'node', 'default'];
    for (const name of ['#transport', '#fetch', '#socket']) {
      expect(Object.keys(manifest.imports[name] ?? {})).toEqual(order);
      for (const path of Object.values(manifest.imports[name] ?? {})) expect(existsSync(path), path).toBe(true);
    }
  });

  it.each([
    [[], 'default-node.js'],
    [['--conditions=browser'], 'default-browser.js'],
    [['--conditions=workerd'], 'default-fetch.js'],
    [['--conditions=workerd', '--conditions=browser'], 'default-fetch.js'],
  ])('with %j loads %s', async (flags, file) => {
    await expect(evaluate(`console.log(import.meta.resolve('#transport'))`, ...flags)).resolves.toMatch(
      new RegExp(`/${file}$`),
    );
  });
});
