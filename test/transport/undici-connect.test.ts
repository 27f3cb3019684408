import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';

import { describe, expect, it } from 'vitest';

import { plainConnector } from '../../lib/transport/undici-connect.js';

const LISTENER = `
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port));
`;

/** A port behind which nobody accepts, and whose queue is full: an attempt to connect neither succeeds nor fails. */
async function deafPort() {
  const child = spawn(process.execPath, ['-e', LISTENER], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  child.kill('SIGSTOP');
  const fill = Array.from({ length: 8 }, () =>
    connect({ host: '127.0.0.1', port: Number(port) }).on('error', () => {}),
  );
  await once(fill[0]!, 'connect');
  const close = (): void => {
    for (const socket of fill) socket.destroy();
    child.kill('SIGKILL');
  };
  return { port: String(Number(port)), close };
}

// Other systems refuse what does not fit into the queue.
describe.runIf(process.platform === 'linux')('a connection without TLS that does not come about', () => {
  it('is given up in time, and said to be late', async () => {
    const { port, close } = await deafPort();
    const outcome = await new Promise((resolve) => {
      plainConnector(100)({ hostname: '127.0.0.1', protocol: 'http:', port }, (...all) => resolve(all));
    });
    close();

    expect(outcome).toMatchObject([
      { code: 'UND_ERR_CONNECT_TIMEOUT', message: expect.stringContaining('100ms') },
      null,
    ]);
  });

  it('can be given up before', async () => {
    const { port, close } = await deafPort();
    const error = await new Promise<Error | null>((resolve) => {
      const target = { hostname: '127.0.0.1', protocol: 'http:', port };
      const connecting = plainConnector(60_000)(target, (...[failed]) => resolve(failed));
      connecting.cancel();
      connecting.cancel();
    });
    close();

    expect(error?.message).toBe('given up');
  });
});
