import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import type { Ask, Ready, Remote, Told } from './fork-child.js';
import type { PageOptions, Recorded, RemoteServer, Site, Sites } from './types.js';

/** The same server in a process of its own, so that its memory and its pace are not the client's. */
export async function forkServer(options: PageOptions = {}): Promise<RemoteServer> {
  const entry = fileURLToPath(new URL('./fork-entry.ts', import.meta.url));
  const child = fork(entry, [], { serialization: 'advanced', execArgv: [] });
  const { ask, ready } = createLine(child);
  child.send(options);
  const sites = sitesOf(await ready);
  const asked =
    <T>(method: Remote) =>
    (...args: readonly unknown[]) =>
      ask(method, args) as Promise<T>;

  const server: RemoteServer = {
    ...sites,
    pid: child.pid ?? 0,
    requests: asked('requests'),
    preflights: asked('preflights'),
    stats: asked('stats'),
    sockets: asked('sockets'),
    busy: asked('busy'),
    attempts: asked('attempts'),
    reset: asked('reset'),
    page: asked('page'),
    closed: asked('closed'),
    waitFor: (predicate, withinMs = 4000) => poll(server.requests, predicate, performance.now() + withinMs),
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
      await ask('close', []);
      child.disconnect();
      await gone;
    },
  };
  return server;
}

/** A predicate cannot cross to the other process, so the log comes here. */
async function poll(
  read: () => Promise<Recorded[]>,
  predicate: (exchange: Recorded) => boolean,
  until: number,
): Promise<Recorded> {
  for (;;) {
    const found = (await read()).find(predicate);
    if (found) return found;
    if (performance.now() > until) throw new Error('No exchange matched in the forked server');
    await sleep(10);
  }
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Questions out, answers in, matched by number. A child that dies answers every one with an error. */
function createLine(child: ChildProcess) {
  const waiting = new Map<number, Waiting>();
  let ids = 0;
  const wait = (id: number) => new Promise<unknown>((resolve, reject) => waiting.set(id, { resolve, reject }));
  const settle = (id: number, act: (one: Waiting) => void) => {
    const one = waiting.get(id);
    waiting.delete(id);
    if (one) act(one);
  };
  child.on('message', (message: Told | Ready) => {
    if ('ready' in message) return settle(0, (one) => one.resolve(message.ready));
    const { id, value, error } = message;
    settle(id, (one) => (error === undefined ? one.resolve(value) : one.reject(new Error(error))));
  });
  child.once('exit', (code) => {
    const error = new Error(`the forked server exited with ${code}`);
    for (const id of waiting.keys()) settle(id, (one) => one.reject(error));
  });
  return {
    ready: wait(0) as Promise<Ready['ready']>,
    ask(method: Remote, args: readonly unknown[]) {
      const message: Ask = { id: (ids += 1), method, args };
      const told = wait(message.id);
      child.send(message, (error) => error && settle(message.id, (one) => one.reject(error)));
      return told;
    },
  };
}

function sitesOf(ready: Ready['ready']): Sites {
  const named = Object.entries(ready).map(([name, { origin, port }]): [string, Site] => [
    name,
    { origin, port, url: (path) => origin + path },
  ]);
  const { main, ...rest } = Object.fromEntries(named);
  return { ...main, ...rest } as unknown as Sites;
}
