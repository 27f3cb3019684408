import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { tap } from 'rxjs';

import type { Layer } from '../../lib/http/types.js';
import { toolbox } from './consumer/install.js';

const NAME = '@microsoft.azure/autorest.testserver';

/** Azure's test server for generated clients, in a process of its own. */
export interface Autorest {
  readonly origin: string;
  close(): Promise<void>;
}

/**
 * Starts it; it is installed at the first use (66 MB, 224 packages, one of which is itself), beside the other caches.
 *
 * @returns `undefined` where it cannot be had
 */
export async function startAutorest(): Promise<Autorest | undefined> {
  const folder = (await toolbox({ [NAME]: '3.3.51' }))(NAME);
  if (folder === undefined) return undefined;
  const port = await freePort();
  const child = spawn(process.execPath, [join(folder, 'dist/cli/cli.js'), '--port', String(port)], {
    stdio: 'ignore',
    cwd: folder,
  });
  await listening(port, child);
  const close = async (): Promise<void> => {
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  };
  return { origin: `http://127.0.0.1:${port}`, close };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Waits until somebody answers at the port. */
async function listening(port: number, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 300 && child.exitCode === null; tries++) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (isOpen) return;
    await sleep(100);
  }
  throw new Error('the test server does not answer');
}

/** Its scenarios remember by a cookie how far they are: a jar with one shelf. */
export function cookieJar(): Layer {
  let jar = '';
  return (request, next) =>
    next(jar === '' ? request : { ...request, headers: { ...request.headers, cookie: jar } }).pipe(
      tap((event) => {
        if (event.type !== 'head') return;
        for (const line of event.headers.getSetCookie())
          jar = /Expires=Thu, 01 Jan 1970/i.test(line) ? '' : line.split(';')[0]!;
      }),
    );
}
