/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once, whatever is still under way. */
export function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let asked = false;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (asked) process.exit(130);
      asked = true;
      resolve(signal);
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}

/** Runs a program to its end; an error that ends it is one line that says what is wrong, and exit code 1. */
export async function run(program: () => Promise<void>): Promise<void> {
  try {
    await program();
    process.exit(0);
  } catch (thrown) {
    process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
    process.exit(1);
  }
}
