import type { FaultKind, FaultPlan } from './faults.ts';
import { type RunOptions, type RunResult, runSimulation } from './run.ts';

/** most runs that are spent on shrinking one violation */
const MAX_RUNS = 40;

export type Shrunk = { options: RunOptions; result: RunResult };

/**
 * A smaller run that breaks the same promise: no more days than it takes, without the kinds of faults that are not needed,
 * and of the rest only those from the first to the last that are.
 */
export async function shrink(found: Shrunk, progress: (text: string) => void): Promise<Shrunk> {
  let smallest = found;
  let runs = 0;

  /** Takes a smaller run if it still breaks the promise. */
  async function attempt(days: number, plan: FaultPlan): Promise<boolean> {
    if (runs++ >= MAX_RUNS) return false;
    const options = { ...smallest.options, days, plan };
    const result = await runSimulation(options);
    if (result.first?.rule !== found.result.first?.rule) return false;
    smallest = { options, result };
    const { kinds } = plan;
    progress(`  ${result.faults} faults of ${kinds.length} kinds, ${days} days`);
    return true;
  }

  const { first } = found.result;
  if (!first) return found;
  await attempt(Math.min(found.options.days, first.day), found.options.plan);

  // Kinds, first many at a time.
  for (let size = Math.ceil(smallest.options.plan.kinds.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < smallest.options.plan.kinds.length; ) {
      const { plan, days } = smallest.options;
      const kinds: FaultKind[] = plan.kinds.filter((_, i) => i < at || i >= at + size);
      if (!(await attempt(days, { ...plan, kinds }))) at += size;
    }
  }

  await bisect(1, smallest.result.faults, (to) => attempt(smallest.options.days, { ...smallest.options.plan, to }));
  const { to } = smallest.options.plan;
  const last = Math.min(to, smallest.result.faults);
  await bisect(1, last, (back) => attempt(smallest.options.days, { ...smallest.options.plan, from: last + 1 - back }));
  return smallest;
}

/** Finds a small number from `low` to `high` for which `holds`; `high` is taken to. */
async function bisect(low: number, high: number, holds: (value: number) => Promise<boolean>): Promise<void> {
  for (let [from, to] = [low, high]; from < to; ) {
    const middle = Math.floor((from + to) / 2);
    if (await holds(middle)) to = middle;
    else from = middle + 1;
  }
}
