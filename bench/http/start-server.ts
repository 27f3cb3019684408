import { Worker } from '../harness/worker.ts';

/** The server, in a process of its own. */
export async function startServer() {
  const worker = await Worker.start(new URL('server.ts', import.meta.url));
  const ask = async () => (await worker.run({})).facts;
  const { port } = await ask();
  return {
    origin: `http://127.0.0.1:${port}`,
    /** Calls that it never answers, since it started. */
    held: async (): Promise<number> => (await ask())['held'] ?? 0,
    end: () => worker.end(),
  };
}
