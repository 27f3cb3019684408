import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from './root.mjs';

const pollMs = 200;
const graceMs = 5_000; // a lock this young may not have its owner's number yet
const giveUpMs = 15 * 60_000;

/** Runs `work` while no other process of this clone holds the lock `name`; a dead owner's lock is taken over. */
export function withLock(name, work) {
  const lock = join(root, '.cache', `${name}.lock`);
  mkdirSync(join(root, '.cache'), { recursive: true });
  const until = Date.now() + giveUpMs;
  while (!take(lock)) {
    if (!ownerLives(lock)) rmSync(lock, { recursive: true, force: true });
    else if (Date.now() > until) throw new Error(`${lock} is held for too long; remove it if nothing runs`);
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pollMs);
  }
  const free = () => rmSync(lock, { recursive: true, force: true });
  process.once('exit', free);
  const done = work();
  const release = () => (process.off('exit', free), free());
  return done instanceof Promise ? done.finally(release) : (release(), done);
}

function take(lock) {
  try {
    mkdirSync(lock);
  } catch {
    return false;
  }
  writeFileSync(join(lock, 'pid'), String(process.pid));
  return true;
}

function ownerLives(lock) {
  try {
    if (Date.now() - statSync(lock).mtimeMs < graceMs) return true;
    process.kill(Number(readFileSync(join(lock, 'pid'), 'utf8')), 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
