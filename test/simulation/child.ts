import type { Job } from './jobs.ts';
import { mutationNamed } from './mutants.ts';
import { runSimulation } from './run.ts';

/** A child process of `jobs.ts`: runs what it is sent, one job after another. */
process.on('message', (job: Job) => {
  void runSimulation({ ...job, mutation: mutationNamed(job.mutant) }).then((result) => process.send?.(result));
});
