import { runFunction } from '#platform/functions/run-function.ts';
import { startThrottledSync } from './start.ts';

await runFunction('throttled-sync', process.env, async ({ deps }) => startThrottledSync(await deps()));
