import { type ChildProcess, fork } from 'node:child_process';
import type { FaultPlan } from './faults.ts';
import type { RunResult } from './run.ts';

/** One run, as it is given to a child process. */
export type Job = { seed: string; days: number; plan: FaultPlan; mutant: string | undefined };

/** as many as the machine that this is made for has cores */
const PROCESSES = 2;
/** most of what a run makes is dropped at once: a larger young space has less of it copied */
const YOUNG_SPACE = ['--max-semi-space-size=64'];

/**
 * Runs jobs in child processes. `next` gives each child its next job, or undefined when there is none left; `done` is
 * called with each result.
 */
export async function runJobs(next: () => Job | undefined, done: (job: Job, result: RunResult) => void): Promise<void> {
  await Promise.all(Array.from({ length: PROCESSES }, () => runChild(next, done)));
}

function runChild(next: () => Job | undefined, done: (job: Job, result: RunResult) => void): Promise<void> {
  let job = next();
  if (!job) return Promise.resolve();
  const child: ChildProcess = fork(new URL('./child.ts', import.meta.url), { execArgv: YOUNG_SPACE });
  return new Promise((resolve, reject) => {
    child.on('message', (result) => {
      done(job!, result as RunResult);
      job = next();
      if (job) child.send(job);
      else child.disconnect();
    });
    child.on('error', reject);
    child.on('exit', (code) =>
      job ? reject(new Error(`a run ended with code ${code}: seed ${job.seed}`)) : resolve(),
    );
    child.send(job!);
  });
}
