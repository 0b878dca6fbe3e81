/**
 * For `node --import`: loads all that services/audit-log/main.ts will, then waits for a byte on standard input. That is
 * most of a start, done while the predecessor still lives.
 */
import { readSync } from 'node:fs';
import '#platform/functions/deps.ts';
import '#platform/functions/serve.ts';
import '#platform/functions/world.ts';
import '#services/audit-log/start.ts';

readSync(0, new Uint8Array(1));
