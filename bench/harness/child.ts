// A process of its own for one contender: does what it is told and measures itself.
import type { Order, Prepare, Sample, Task } from './contract.ts';

const [module = '', ...args] = process.argv.slice(2);
const tell = (message: unknown): unknown => process.send?.(message);

async function measured(task: Task, order: Order): Promise<Sample> {
  await task.ready?.(order);
  const cpu = process.cpuUsage();
  const since = performance.now();
  const facts = (await task.run(order)) ?? {};
  const wallUs = (performance.now() - since) * 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { cpuUs: user + system, wallUs, rssBytes: process.memoryUsage.rss(), facts };
}

const { prepare } = (await import(module)) as { prepare: Prepare };
const task = await prepare(...args);

process.on('message', (order: Order) => {
  measured(task, order).then(
    (sample) => tell({ sample }),
    (error: unknown) => tell({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.once('disconnect', () => process.exit());
tell('ready');
