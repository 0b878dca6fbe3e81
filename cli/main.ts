#!/usr/bin/env node
import { userInfo } from 'node:os';
import { sluice } from './sluice.ts';

// `sluice … | head` closes the pipe early, which is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await sluice(process.argv.slice(2), {
  environment: process.env,
  operator: operatorName(),
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
});

/** A container may run as a user without a name. */
function operatorName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
