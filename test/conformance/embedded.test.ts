import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { openEmbeddedEngine } from '#platform/engines/embedded/index.ts';
import { realClock } from '#platform/runtime/clock.ts';
import { drivenClock } from '#test/support/driven-clock.ts';
import { engineConformance } from './engine-conformance.ts';

engineConformance('embedded, in memory on simulated time', async () => {
  const clock = drivenClock();
  return { engine: openEmbeddedEngine({ path: ':memory:', clock }), clock };
});

const folder = mkdtempSync(join(tmpdir(), 'sluice-conformance-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;

engineConformance('embedded, in a file on real time', async () => {
  const path = join(folder, String(files++), 'sluice.db');
  return { engine: openEmbeddedEngine({ path, clock: realClock }), clock: realClock };
});
