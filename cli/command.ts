import type { World } from '#platform/functions/deps.ts';
import type { Options, Values } from './options.ts';

/** A call that can't be meant: exit code 2. Whatever else is thrown is exit code 1. */
export class WrongCall extends Error {}

export type CommandDeps = {
  /** The world that a command looks at: opened only for those that ask, and closed after them. */
  open(): Promise<World>;
  /** who gave the command */
  operator: string;
};

export type Given<Takes extends readonly string[], Of extends Options> = {
  words: { [Index in keyof Takes]: Takes[Index] extends `${string}?` ? string | undefined : string };
  values: Values<Of>;
  /** is the answer wanted as JSON? Only for what would be made for nothing; both forms are printed by the caller. */
  json: boolean;
};

/** The answer in both forms. `foundProblem`: the call went well, and what it found is not well: exit code 1. */
export type Answer = { json: unknown; text: readonly string[]; foundProblem?: boolean };

export type Command = {
  /** as it is typed, `orders list` */
  name: string;
  /** what must follow it, in order; `message-id?` may be left out */
  takes: readonly string[];
  /** one line for the list of commands, without a full stop */
  says: string;
  options: Options;
  // biome-ignore lint/suspicious/noExplicitAny: what `defineCommand` checked
  run(deps: CommandDeps, given: Given<any, any>): Promise<Answer>;
};

/** One subcommand: what it is called, what it takes, what it does. */
export function defineCommand<const Takes extends readonly string[], const Of extends Options>(
  command: Omit<Command, 'takes' | 'options' | 'run'> & {
    takes: Takes;
    options: Of;
    run(deps: CommandDeps, given: Given<Takes, Of>): Promise<Answer>;
  },
): Command {
  return command;
}
