import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { WriteFile } from '#platform/state/audit-log/export.ts';
import { WrongCall } from './command.ts';

/** Writes into a folder that is empty or not there yet, so that what is found in it later belongs together. */
export function intoNewFolder(folder: string): WriteFile {
  const names = refusingOut(() => {
    mkdirSync(folder, { recursive: true });
    return readdirSync(folder);
  });
  if (names.length > 0) throw new WrongCall(`${folder} is not empty: name another folder with --out`);
  return (path, bytes) =>
    refusingOut(() => {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), bytes);
    });
}

/** Writes a file that is not there yet. */
export const writeNewFile = (path: string, text: string): void =>
  refusingOut(() => writeFileSync(path, text, { flag: 'wx' }));

function refusingOut<T>(write: () => T): T {
  try {
    return write();
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown)) throw thrown;
    if (thrown.code === 'EEXIST') throw new WrongCall('what --out names is there already: name another');
    throw new Error(`can't write what --out names (${thrown.code}): name a place that this user may write`);
  }
}
