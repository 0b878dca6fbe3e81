import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { run } from '#platform/runtime/lifecycle.ts';
import { BASES, EMULATORS, provideEmulator } from './base-images.ts';
import { findEngine } from './engine.ts';
import { buildImages } from './images.ts';
import { checkImages } from './images-check.ts';
import { bringDown, bringUp, check, type Local, MAKE_LOCAL, reset, showLogs } from './local.ts';
import { pushImages } from './push.ts';

const COMMANDS = {
  up: bringUp,
  check,
  logs: showLogs,
  down: bringDown,
  reset,
  images: async (local: Local) => {
    await provideEmulator(local, local.emulator);
    await buildImages(local);
  },
  'images-check': checkImages,
  push: pushImages,
};

const HELP = `Sluice in containers, on an emulator of AWS. The Makefile has a target for each command.

  node docker/main.ts <command> [-- arguments]

  up             build what is missing, start everything, wait until it is well
  check          replay invoices against what runs; arguments go to services/all-in-one/live-replay
  logs           show the logs and follow them; arguments name services
  down           take the containers away
  reset          the same, and all that was stored here beside the images
  images         build the images only
  push           push the images to the registry and stack that the argument names, and write their digests
  images-check   sizes, an in-container probe, known vulnerabilities; fails above the limits

Settings: EMULATOR (${EMULATORS.join(' or ')}, default ${EMULATORS[0]}), BASE (${BASES.join(', ')}: where base images come
from, default ${BASES[0]}), and SLUICE_PORT, SLUICE_AUDIT_PORT, SLUICE_SELLER_API_PORT, SLUICE_CONSENT_PORT,
SLUICE_SANDBOX_PORT, SLUICE_AWS_PORT (ports of this machine).
`;

/** A setting that is one of a few words, the first of them where it is not set. */
function choice<Word extends string>(name: string, words: readonly [Word, ...Word[]]): Word {
  const given = process.env[name] || words[0];
  const word = words.find((known) => known === given);
  if (word !== undefined) return word;
  throw new Error(`${name} is "${given}": set it to ${words.slice(0, -1).join(', ')} or ${words.at(-1)}`);
}

// Whoever read this goes on no more, as `head` does.
process.stdout.on('error', () => process.exit(1));
process.once('SIGINT', () => {
  process.stderr.write('\nInterrupted. "make local" goes on from here, "make local-down" takes away what is there.\n');
  process.exit(130);
});

await run(async () => {
  const { values, positionals } = parseArgs({
    options: { help: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [command = '', ...args] = positionals;
  if (values.help) return void process.stdout.write(HELP);
  if (!Object.hasOwn(COMMANDS, command)) throw new Error(`"${command}" is not a command.\n\n${HELP}`);
  const root = join(import.meta.dirname, '..');
  process.chdir(root);
  const local: Local = {
    ...MAKE_LOCAL,
    root,
    emulator: choice('EMULATOR', EMULATORS),
    base: choice('BASE', BASES),
    engine: await findEngine(),
    environment: process.env,
    print: (line) => void process.stdout.write(`${line}\n`),
  };
  await COMMANDS[command as keyof typeof COMMANDS](local, args);
});
