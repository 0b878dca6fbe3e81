import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const cwd = fileURLToPath(new URL('../audit/go', import.meta.url));

/** Why Go can't verify here, if it can't. */
export function whyNoGo(): string | false {
  if (spawnSync('go', ['version']).status !== 0) return 'Go is not installed';
  // Without its module there is nothing to compile: offline, and never downloaded before.
  if (spawnSync('go', ['mod', 'download'], { cwd }).status !== 0) return 'golang.org/x/mod cannot be had';
  return false;
}

/** Lets `tlog` and `note` of the Go project check a log; throws what they say if it is not as its key signed. */
export async function verifyWithGo(key: string, ...args: string[]): Promise<void> {
  const go = spawn('go', ['test', '-count=1', './...', '-args', '-key', key, ...args], { cwd });
  let output = '';
  go.stdout.on('data', (chunk) => (output += chunk));
  go.stderr.on('data', (chunk) => (output += chunk));
  const status = await new Promise((resolve) => go.on('close', resolve));
  assert.equal(status, 0, output);
}
