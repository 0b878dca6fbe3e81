import type { Hono } from 'hono';
import type { FunctionDeps, Running } from '#platform/functions/deps.ts';
import { loadConsentKey } from '#platform/state/secrets.ts';
import { createConsentApp } from './app.ts';
import { createStates } from './states.ts';

/** The HTTP app that sellers consent through, to be served by the caller. What it leaves unfinished, token-refresh finishes. */
export async function startConsent(
  deps: FunctionDeps,
  options: { publicUrl: string; backfillDays: number },
): Promise<Running & { app: Hono }> {
  const key = await loadConsentKey(deps, { createIfAbsent: true });
  const app = createConsentApp({ ...deps, states: createStates({ ...deps, key }) }, options);
  return { app, stop: async () => {} };
}
