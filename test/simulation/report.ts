import { ALL_FAULTS, FAULT_KINDS } from './faults.ts';
import type { Shrunk } from './shrink.ts';

/** last lines of the trace that are printed, the faults before them, and how much of each line */
const SHOWN_LINES = 20;
const SHOWN_FAULTS = 20;
const SHOWN_WIDTH = 240;

/** The command that replays a run, bit for bit. */
export function commandOf({ options, result }: Shrunk, mutant: string | undefined): string {
  const { seed, days, plan } = options;
  const isAll = plan.kinds.length === FAULT_KINDS.length;
  return [
    'npm run --silent simulate --',
    `--seed ${seed} --days ${days}`,
    ...(isAll ? [] : [`--kinds ${plan.kinds.join(',') || 'none'}`]),
    ...(plan.from > 1 || plan.to < ALL_FAULTS.to
      ? [`--faults ${plan.from}..${plan.to < ALL_FAULTS.to ? plan.to : result.faults}`]
      : []),
    ...(mutant === undefined ? [] : [`--mutant ${mutant}`]),
  ].join(' ');
}

/** What was violated, what led to it, and how to see it again. */
export function describeViolation(shrunk: Shrunk, mutant: string | undefined): string {
  const { first, seed, faults } = shrunk.result;
  if (!first) return '';
  const before = first.trace.slice(0, -SHOWN_LINES).filter((line) => / (fault [a-z-]+|crashed)$/.test(line));
  return [
    '',
    ...before.slice(-SHOWN_FAULTS).map(shorten),
    '…',
    ...first.trace.slice(-SHOWN_LINES).map(shorten),
    '',
    `seed ${seed}, ${faults} faults: "${first.rule}" is broken`,
    `  ${new Date(first.at).toISOString()}: ${first.text}`,
    `  again: ${commandOf(shrunk, mutant)}`,
    '',
  ].join('\n');
}

const shorten = (line: string): string => (line.length > SHOWN_WIDTH ? `${line.slice(0, SHOWN_WIDTH)} …` : line);
