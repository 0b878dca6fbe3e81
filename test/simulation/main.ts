import { parseArgs } from 'node:util';
import { ALL_FAULTS, FAULT_KINDS, type FaultKind, type FaultPlan } from './faults.ts';
import { type Job, runJobs } from './jobs.ts';
import { MUTANTS, mutationNamed } from './mutants.ts';
import { commandOf, describeViolation } from './report.ts';
import { type RunResult, runSimulation } from './run.ts';
import { shrink } from './shrink.ts';

const HELP = `Runs the whole pipeline with all simulated marketplaces in simulated time, with faults, and checks what must always be true.

  npm run --silent simulate -- [options]

  --seed TEXT       one run (default: 1); the same seed gives the same run, bit for bit
  --seeds A..B      one run for each number from A to B, in two processes; the last line holds the totals
  --days N          simulated days of each run (default: 3, with --seeds: 5)
  --mutants         runs with each deliberate bug until it is caught
  --mutant NAME     with --seed or --seeds: with this deliberate bug
  --kinds A,B       only these kinds of faults, or none: ${FAULT_KINDS.join(', ')}
  --faults A..B     only the A-th to the B-th fault
  --no-shrink       does not look for a smaller run that breaks the same promise
  --json            the last line is JSON
  --help            this text

Exit code: 0 if every promise holds (with --mutants: if every bug is caught), 1 if not, 2 for a wrong call.
`;

class WrongCall extends Error {}

const progress = (text: string): void => void process.stderr.write(`${text}\n`);
const print = (text: string): void => void process.stdout.write(`${text}\n`);

function readOptions() {
  try {
    return parseArgs({
      options: {
        seed: { type: 'string' },
        seeds: { type: 'string' },
        days: { type: 'string' },
        mutants: { type: 'boolean', default: false },
        mutant: { type: 'string' },
        kinds: { type: 'string' },
        faults: { type: 'string' },
        'no-shrink': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new WrongCall((error as Error).message);
  }
}

type Options = ReturnType<typeof readOptions>;

function range(text: string, name: string): [from: number, to: number] {
  const match = /^(\d+)\.\.(\d+)$/.exec(text);
  if (!match) throw new WrongCall(`--${name} is ${JSON.stringify(text)}: give A..B`);
  return [Number(match[1]), Number(match[2])];
}

function daysOf(options: Options, otherwise: number): number {
  const days = Number(options.days ?? otherwise);
  if (!(days > 0)) throw new WrongCall(`--days is ${JSON.stringify(options.days)}: give a number of days`);
  return days;
}

function planOf(options: Options): FaultPlan {
  const [from, to] = options.faults === undefined ? [1, ALL_FAULTS.to] : range(options.faults, 'faults');
  if (options.kinds === undefined) return { ...ALL_FAULTS, from, to };
  const kinds = options.kinds === 'none' ? [] : options.kinds.split(',');
  const unknown = kinds.find((kind) => !(FAULT_KINDS as string[]).includes(kind));
  if (unknown !== undefined) throw new WrongCall(`there is no kind of fault called ${unknown}`);
  return { kinds: kinds as FaultKind[], from, to };
}

function requireMutant(name: string | undefined): void {
  if (name === undefined || MUTANTS.some((mutant) => mutant.name === name)) return;
  throw new WrongCall(`there is no mutant ${name}; there are ${MUTANTS.map((one) => one.name).join(', ')}`);
}

const seconds = (since: number): number => Math.round((performance.now() - since) / 100) / 10;

/** What is printed of a result: the violation apart. */
function rowOf({ first: _, ...row }: RunResult, since: number): Record<string, unknown> {
  return { ...row, seconds: seconds(since) };
}

async function runOne(options: Options): Promise<boolean> {
  const since = performance.now();
  const run = {
    ...{ seed: options.seed ?? '1', days: daysOf(options, 3), plan: planOf(options) },
    mutation: mutationNamed(options.mutant),
  };
  const result = await runSimulation(run);
  if (result.first) {
    const found = { options: run, result };
    const isSmall = options['no-shrink'] || options.kinds !== undefined || options.faults !== undefined;
    print(describeViolation(isSmall ? found : await shrink(found, progress), options.mutant));
  }
  const row = rowOf(result, since);
  print(
    options.json
      ? JSON.stringify(row)
      : Object.entries(row)
          .map((pair) => pair.join(' '))
          .join(', '),
  );
  return result.violations === 0;
}

async function runMany(options: Options): Promise<boolean> {
  const since = performance.now();
  const [from, to] = range(options.seeds!, 'seeds');
  const job = { days: daysOf(options, 5), plan: planOf(options), mutant: options.mutant };
  const totals = { seeds: 0, days: 0, events: 0, faults: 0, crashes: 0, violations: 0 };
  let next = from;
  let firstBroken: RunResult | undefined;
  await runJobs(
    () => (next <= to ? { ...job, seed: String(next++) } : undefined),
    (_, result) => {
      totals.seeds += 1;
      for (const name of ['days', 'events', 'faults', 'crashes', 'violations'] as const) totals[name] += result[name];
      const broken = result.first ? `"${result.first.rule}" is broken: ${result.first.text}` : 'all promises hold';
      progress(`seed ${result.seed}: ${result.faults} faults, ${result.crashes} crashes, ${broken}`);
      if (result.first) {
        const options = { seed: result.seed, days: result.first.day, plan: job.plan };
        print(`${broken}\n  again: ${commandOf({ options, result }, job.mutant)}`);
        firstBroken ??= result;
      }
    },
  );
  if (firstBroken && !options['no-shrink']) {
    const run = { seed: firstBroken.seed, days: job.days, plan: job.plan, mutation: mutationNamed(job.mutant) };
    print(describeViolation(await shrink({ options: run, result: firstBroken }, progress), job.mutant));
  }
  const row = { ...totals, seconds: seconds(since) };
  print(
    options.json
      ? JSON.stringify(row)
      : Object.entries(row)
          .map((pair) => pair.join(' '))
          .join(', '),
  );
  return totals.violations === 0;
}

async function runMutants(options: Options): Promise<boolean> {
  const days = daysOf(options, 1);
  const missed: string[] = [];
  let caught = 0;
  /** the next seed of each mutant that is not caught yet; a child takes one mutant after another */
  const waiting = MUTANTS.map(({ name, withinSeeds }) => ({ name, withinSeeds, seed: 1 }));
  await runJobs(
    () => {
      const mutant = waiting.shift();
      return mutant && { seed: String(mutant.seed), days, plan: planOf(options), mutant: mutant.name };
    },
    (job: Job, { first }) => {
      const { withinSeeds, name, breaks } = MUTANTS.find((mutant) => mutant.name === job.mutant)!;
      const seed = Number(job.seed);
      if (first && breaks.some((rule) => rule.test(first.rule))) {
        caught += 1;
        progress(`${name}: caught by seed ${seed} of ${withinSeeds}: ${first.text}`);
      } else if (seed < withinSeeds) {
        if (first) progress(`${name}: seed ${seed} broke another promise: "${first.rule}": ${first.text}`);
        waiting.unshift({ name, withinSeeds, seed: seed + 1 });
      } else {
        missed.push(name);
        progress(`${name}: NOT caught by ${withinSeeds} seeds`);
      }
    },
  );
  const row = { mutants: MUTANTS.length, caught, missed };
  print(
    options.json
      ? JSON.stringify(row)
      : `${caught} of ${MUTANTS.length} mutants caught; missed: ${missed.join(', ') || 'none'}`,
  );
  return missed.length === 0;
}

try {
  const options = readOptions();
  if (options.help) process.stdout.write(HELP);
  else {
    requireMutant(options.mutant);
    const isRight = await (options.mutants ? runMutants(options) : options.seeds ? runMany(options) : runOne(options));
    process.exit(isRight ? 0 : 1);
  }
} catch (error) {
  if (!(error instanceof WrongCall)) throw error;
  process.stderr.write(`${error.message}\n\n${HELP}`);
  process.exit(2);
}
