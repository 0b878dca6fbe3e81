/**
 * For `node --import`: loads all that services/audit-log/main.ts will, then waits for a byte on standard input. That is
 * most of a start, done while the predecessor still lives.
 */
import { readSync } from 'node:fs';
import '#platform/functions/run-function.ts';
import '#services/audit-log/start.ts';

readSync(0, new Uint8Array(1));
