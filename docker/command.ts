import { spawn } from 'node:child_process';

export type Command = readonly [program: string, ...args: string[]];
export type CommandOptions = {
  /** absent: this process's own */
  environment?: Record<string, string | undefined>;
  /** ends the command, ms; absent: never */
  timeoutMs?: number;
  signal?: AbortSignal;
};
export type Finished = { code: number; stdout: string; stderr: string };

/** Runs a command and gives what it printed; a program that is not there is exit code 127, as in a shell. */
export function tryCommand(
  command: Command,
  options: CommandOptions & { onOutput?: () => void } = {},
): Promise<Finished> {
  const [program, ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.environment && { env: options.environment }),
      ...(options.timeoutMs !== undefined && { timeout: options.timeoutMs }),
      ...(options.signal && { signal: options.signal }),
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      options.onOutput?.();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') resolve({ code: 127, stdout, stderr: `${program} is not installed` });
      else if (error.name === 'AbortError') resolve({ code: 1, stdout, stderr: `${program} was ended` });
      else reject(error);
    });
    child.on('close', (code) => resolve({ code: code ?? 1, stdout, stderr }));
  });
}

/** What a command printed, without white space around it; throws what it complained of if it fails. */
export async function read(command: Command, options: CommandOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await tryCommand(command, options);
  if (code === 0) return stdout.trim();
  throw new Error(`${command.join(' ').slice(0, MAX_QUOTED)} failed: ${(stderr || stdout).trim()}`);
}

/** longest quotation of a command in an error, characters */
const MAX_QUOTED = 200;

/** Runs a command that writes to this terminal; throws if it fails. */
export function show(command: Command, options: CommandOptions = {}): Promise<void> {
  const [program, ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'inherit', 'inherit'],
      ...(options.environment && { env: options.environment }),
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${command.join(' ').slice(0, MAX_QUOTED)} ended with ${signal ?? `exit code ${code}`}`));
    });
  });
}
