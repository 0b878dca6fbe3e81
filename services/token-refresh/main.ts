import { runFunction } from '#platform/functions/run-function.ts';
import { startTokenRefresh } from './start.ts';

await runFunction('token-refresh', process.env, async ({ deps }) => startTokenRefresh(await deps()));
