import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Secrets } from '#platform/engines/engine.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { Database } from './database.ts';

/** Read and written by its owner alone. */
const SECRETS_FILE_MODE = 0o600;

/** Secrets in a JSON file of their own, so that a copied database holds no key; without a path, in memory. */
export function openSecrets(database: Database, path: string | undefined): Secrets {
  let inMemory: Record<string, string> = {};

  return {
    async get(name) {
      const secrets = path === undefined ? inMemory : readSecrets(path);
      return Object.hasOwn(secrets, name) ? secrets[name] : undefined;
    },
    async put(name, value) {
      if (path === undefined) inMemory = { ...inMemory, [name]: value };
      // In a transaction for its lock alone: two processes that put at once would undo each other's work.
      else database.transact(() => writeSecrets(path, { ...readSecrets(path), [name]: value }));
    },
    async create(name, value) {
      if (path === undefined) inMemory = { [name]: value, ...inMemory };
      else {
        database.transact(() => {
          const secrets = readSecrets(path);
          if (!Object.hasOwn(secrets, name)) writeSecrets(path, { ...secrets, [name]: value });
        });
      }
      return (path === undefined ? inMemory : readSecrets(path))[name]!;
    },
  };
}

function readSecrets(path: string): Record<string, string> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
  try {
    return JSON.parse(text) as Record<string, string>;
  } catch {
    // Without its cause, which quotes the text.
    const message = `the secrets file ${path} is not JSON: restore a copy of it`;
    throw new Failure('retryable', message, { code: 'secrets-damaged' });
  }
}

/** The old file or the new one is there at any moment, whole. */
function writeSecrets(path: string, secrets: Record<string, string>): void {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true });
  const temporary = `${path}.new`;
  const file = openSync(temporary, 'w', SECRETS_FILE_MODE);
  try {
    writeFileSync(file, `${JSON.stringify(secrets, null, 2)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  const directory = openSync(folder, 'r');
  try {
    fsyncSync(directory); // else a power cut may undo the rename
  } finally {
    closeSync(directory);
  }
}
