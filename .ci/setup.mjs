// Makes a fresh clone ready: node_modules (Node 24 included) from the lock file and, for tests, a Chromium.
// Plain JavaScript for bare Node 20, since it runs before anything is installed. Does nothing when all is there.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { findChromium } from './chromium.mjs';
import { withLock } from './lock.mjs';
import { root } from './root.mjs';

const say = (text) => process.stderr.write(`setup: ${text}\n`);

if (!isInstalled()) withLock('setup', () => isInstalled() || install());
if (process.argv.includes('--tests') && !findChromium()) withLock('setup', () => findChromium() || addChromium());

/** True when node_modules holds what the lock file asks for, at those versions, and its Node runs. */
function isInstalled() {
  const wanted = packagesOf('package-lock.json');
  const found = packagesOf('node_modules/.package-lock.json');
  if (!found) return false;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '') continue;
    const there = found[path];
    if (there ? there.version !== entry.version : !(entry.optional || entry.peer)) return false;
  }
  return existsSync(join(root, 'node_modules/node/bin/node')) || process.platform === 'win32';
}

function packagesOf(path) {
  try {
    return JSON.parse(readFileSync(join(root, path), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

function install() {
  say('installing node_modules from package-lock.json (npm ci)');
  const npm = process.env.npm_execpath;
  // npm on Node 20 warns about the engines of tools that will run on Node 24: noise here, so errors only.
  const flags = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  const [command, args] = npm?.endsWith('.js') ? [process.execPath, [npm, ...flags]] : ['npm', flags];
  if (run(command, args, { shell: process.platform === 'win32' && command === 'npm' }) !== 0 || !isInstalled()) {
    say('npm ci failed; its output is above. Nothing else can run without it.');
    process.exit(1);
  }
}

function addChromium() {
  const skipped = 'the tests that need a real browser will be skipped';
  if (process.env.MILLRACE_CHROMIUM) return say(`MILLRACE_CHROMIUM names no file: ${skipped}`);
  const isRoot = process.getuid?.() === 0;
  if (process.platform !== 'linux' || !isRoot || run('apt-get', ['--version'], { stdio: 'ignore' }) !== 0) {
    return say(`no Chromium found: ${skipped}. Install one, or set MILLRACE_CHROMIUM to its path.`);
  }
  say("installing Debian's chromium with apt-get, once, for the tests in a real browser");
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const quiet = { env, stdio: ['ignore', 'ignore', 'inherit'], timeout: 600_000 };
  run('apt-get', ['-q', 'update'], quiet);
  run('apt-get', ['-q', '-y', 'install', '--no-install-recommends', 'chromium'], quiet);
  if (!findChromium()) say(`apt-get could not install chromium: ${skipped}`);
}

function run(command, args, options = {}) {
  const done = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], ...options });
  return done.status ?? 1;
}
