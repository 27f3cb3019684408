import { compare, type Plan } from '../harness/compare.ts';
import type { Case, Effort, Part } from '../harness/contract.ts';
import { Worker } from '../harness/worker.ts';
import { callJobs } from './calls/jobs.ts';
import { idle } from './idle.ts';
import { firstJobs, type Job } from './jobs.ts';
import { mergingJobs } from './merging/jobs.ts';
import { sharingJobs } from './sharing/jobs.ts';

const jobs: readonly Job[] = [...firstJobs, ...mergingJobs, ...sharingJobs, ...callJobs];

async function measure({ id, figure, title, turn, order = {}, least, contenders }: Job, effort: Effort): Promise<Case> {
  const runner = new URL('runner.ts', import.meta.url);
  const entries = await Promise.all(
    Object.entries(contenders).map(async ([name, module]) => ({
      name,
      worker: await Worker.start(runner, turn, module),
    })),
  );
  const plan: Plan = {
    ...{ id: `operators/${id}`, figure, title, unit: 'ns', scale: 1000 },
    ...{ ours: 'millrace', order, least },
  };
  try {
    return await compare(plan, entries, effort);
  } finally {
    await Promise.all(entries.map(({ worker }) => worker.end()));
  }
}

async function run(effort: Effort): Promise<Case[]> {
  // Not in a quick run: a process that is young pays more for its compiler than for its policies.
  const cases: Case[] = effort.quick ? [] : [await idle(effort)];
  for (const job of jobs) if (job.headline === true || !effort.quick) cases.push(await measure(job, effort));
  return cases;
}

export const operators: Part = {
  name: 'operators',
  about:
    'CPU time per item against the composition of stock RxJS operators that a skilled user would write, and against ' +
    'libraries that do the same job. Items arrive no faster than results leave, so that nothing waits in a queue. ' +
    'Policies have nothing to do: what is measured is what they cost a call that is well.',
  run,
};
