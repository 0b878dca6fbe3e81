import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { World } from '#platform/functions/deps.ts';
import { databasePath, openWorld } from '#platform/functions/world.ts';
import { readConfig } from '#platform/runtime/config.ts';
import { type Command, type Given, WrongCall } from './command.ts';
import { commands } from './commands/index.ts';
import { helpOf, overview } from './help.ts';
import { printable } from './table.ts';

export type Edges = {
  environment: Record<string, string | undefined>;
  /** who gives the command: the name of the operating system's user */
  operator: string;
  out(text: string): void;
  err(text: string): void;
};

export type ExitCode = 0 | 1 | 2;

/** Runs one command line and returns its exit code. An error is one line that says what is wrong and what to do. */
export async function sluice(args: readonly string[], edges: Edges): Promise<ExitCode> {
  const print = (lines: readonly string[]): void => edges.out(`${lines.join('\n')}\n`);
  let world: Promise<World> | undefined;
  const open = (): Promise<World> => {
    world ??= openExisting(edges.environment);
    return world;
  };
  try {
    if (args.length === 0 || args[0] === '--help' || args[0] === '-h' || args[0] === 'help') {
      print(overview(commands));
      return 0;
    }
    const command = commandOf(args);
    if (Array.isArray(command)) {
      print(overview(command));
      return 0;
    }
    const given = readArguments(command, args.slice(command.name.split(' ').length));
    if (given === 'help') {
      print(helpOf(command));
      return 0;
    }
    const answer = await command.run({ open, operator: edges.operator }, given);
    print(given.json ? [JSON.stringify(answer.json, null, 2)] : answer.text.map(printable));
    return answer.foundProblem ? 1 : 0;
  } catch (thrown) {
    edges.err(`${printable(messageOf(thrown))}\n`);
    return thrown instanceof WrongCall ? 2 : 1;
  } finally {
    const opened = await world?.catch(() => undefined);
    await opened?.engine.close();
  }
}

/** The world as it is: a command creates none, and leaves the work that is due to the functions. */
async function openExisting(environment: Edges['environment']): Promise<World> {
  let config: ReturnType<typeof readConfig>;
  try {
    config = readConfig({ ...environment, SLUICE_LOG_LEVEL: 'silent' });
  } catch (thrown) {
    throw new WrongCall(messageOf(thrown));
  }
  if (config.engine === 'embedded' && !existsSync(databasePath(config))) {
    throw new Error(
      `there is no Sluice data in ${config.dataDirectory}: start it with npm run start or set SLUICE_DATA`,
    );
  }
  return openWorld(config, 'cli', { sendsTicks: false });
}

/** The command that the first one or two words name, or, with `--help` after the first, all that begin with it. */
function commandOf(args: readonly string[]): Command | Command[] {
  const [first = '', second = ''] = args;
  const named = (wanted: string) => commands.find(({ name }) => name === wanted);
  const command = named(`${first} ${second}`) ?? named(`${first}`);
  if (command) return command;
  const kin = commands.filter(({ name }) => name.startsWith(`${first} `));
  if (kin.length > 0 && (second === '--help' || second === '-h')) return kin;
  if (kin.length === 0) throw new WrongCall(`there is no command ${first}: sluice --help lists them`);
  const verbs = kin.map(({ name }) => name.slice(first.length + 1)).join(', ');
  throw new WrongCall(`sluice ${first} takes one of ${verbs}${second === '' ? '' : `, not ${second}`}`);
}

function readArguments(command: Command, args: readonly string[]): Given<string[], Command['options']> | 'help' {
  const seeHelp = `sluice ${command.name} --help shows what it takes`;
  const { values, positionals } = parse(command, args, seeHelp);
  if (values.help === true) return 'help';

  const needed = command.takes.filter((word) => !word.endsWith('?'));
  const missing = needed[positionals.length];
  if (missing) throw new WrongCall(`sluice ${command.name} lacks its <${missing}>: ${seeHelp}`);
  const surplus = positionals[command.takes.length];
  if (surplus !== undefined) throw new WrongCall(`sluice ${command.name} does not take ${surplus}: ${seeHelp}`);

  const read = Object.entries(command.options).map(([name, option]) => {
    const value = values[name];
    if (option.kind === 'flag') return [name, value === true];
    if (option.kind === 'list') return [name, value ?? []];
    const result = option.schema.safeParse(value);
    if (result.success) return [name, result.data];
    const is = value === undefined ? 'is missing' : `is ${JSON.stringify(value)}`;
    throw new WrongCall(`--${name} ${is}: give ${option.must}`);
  });
  return { words: positionals, values: Object.fromEntries(read), json: values.json === true };
}

function parse(command: Command, args: readonly string[], seeHelp: string) {
  const options: Record<string, { type: 'string' | 'boolean'; multiple?: boolean; short?: string }> = {
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  };
  for (const [name, { kind }] of Object.entries(command.options)) {
    options[name] = { type: kind === 'flag' ? 'boolean' : 'string', multiple: kind === 'list' };
  }
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (thrown) {
    // The first sentence says it; the others are about how to quote.
    throw new WrongCall(`${messageOf(thrown).split(/\.\s|\n/)[0]}: ${seeHelp}`);
  }
}

/** What to tell of an error. A syntax error would quote what could not be parsed. */
function messageOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  return thrown instanceof SyntaxError ? 'something stored is not JSON: restore a copy of the data' : thrown.message;
}
