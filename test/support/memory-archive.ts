import assert from 'node:assert/strict';
import type { Archive } from '#platform/engines/engine.ts';
import type { Files } from './audit-log.ts';

export type MemoryArchive = Archive & {
  /** the newest version of each path */
  files: Map<string, Uint8Array>;
  /** what `aws s3 sync` of one log's folder gives */
  copyOf(folder: string): Files;
  /** called before each put; what it throws is a put that failed, `'after'` one that happened and was not answered */
  onPut: (path: string) => 'after' | undefined;
};

/** An archive in memory. What is put twice without `replaces` must be the same both times: it fails the test otherwise. */
export function memoryArchive(): MemoryArchive {
  const files = new Map<string, Uint8Array>();
  const archive: MemoryArchive = {
    files,
    copyOf: (folder) =>
      new Map(
        [...files]
          .filter(([path]) => path.startsWith(`${folder}/`))
          .map(([path, bytes]) => [path.slice(folder.length + 1), bytes]),
      ),
    onPut: () => undefined,
    async put(path, bytes, { replaces }) {
      const outcome = archive.onPut(path);
      const there = files.get(path);
      if (!replaces && there) assert.deepEqual(Buffer.from(bytes), Buffer.from(there), `${path} changed`);
      else files.set(path, Uint8Array.from(bytes));
      if (outcome === 'after') throw new Error('killed after the put');
    },
  };
  return archive;
}
