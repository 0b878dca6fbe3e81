import type { Command } from './command.ts';
import type { Option } from './options.ts';

/** The options that every command has. */
const SHARED: Record<string, Option> = {
  json: { kind: 'flag', says: 'one JSON document instead of a table' },
  help: { kind: 'flag', says: 'this text' },
};

const usageOf = ({ name, takes }: Pick<Command, 'name' | 'takes'>): string =>
  ['sluice', name, ...takes.map((word) => (word.endsWith('?') ? `[<${word.slice(0, -1)}>]` : `<${word}>`))].join(' ');

const optionOf = ([name, option]: [string, Option]): string =>
  option.kind === 'flag' ? `--${name}` : `--${name} ${option.placeholder}${option.kind === 'list' ? ' …' : ''}`;

function columns(pairs: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...pairs.map(([left]) => left.length));
  return pairs.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}

/** What `sluice --help` prints, or the same for the commands that begin with one word. */
export const overview = (commands: readonly Command[]): string[] => [
  'Looks into a Sluice, running or not, and mends what only a person can.',
  '',
  ...columns(commands.map((command) => [usageOf(command), command.says])),
  '',
  ...columns(Object.entries(SHARED).map((option) => [optionOf(option), option[1].says])),
  '',
  'Each command has a --help with its options. SLUICE_DATA names the data directory (default .sluice).',
  'Exit codes: 0 all is well, 1 not found or a problem was found, 2 the call itself is wrong.',
];

export const helpOf = (command: Command): string[] => [
  `usage: ${usageOf(command)}${Object.keys(command.options).length > 0 ? ' [options]' : ''}`,
  '',
  `${command.says}.`,
  '',
  ...columns(Object.entries({ ...command.options, ...SHARED }).map((option) => [optionOf(option), option[1].says])),
];
