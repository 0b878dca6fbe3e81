/**
 * For the HEALTHCHECK of the images: exit code 0 if the function beside it is well, else 1. It reads its two settings
 * itself, since it runs every few seconds and should load nothing else.
 */
import { sendOverNetwork } from '#platform/runtime/send.ts';

/** shorter than the timeout of a HEALTHCHECK, ms */
const TIMEOUT_MS = 2_000;

const { SLUICE_HOST: host = '127.0.0.1', SLUICE_HEALTH_PORT: port } = process.env;
const url = `http://${host}:${port}/health`;
const status = await sendOverNetwork({ method: 'GET', url, headers: {} }, { timeoutMs: TIMEOUT_MS }).then(
  (answer) => answer.status,
  () => undefined,
);
process.exit(status === 200 ? 0 : 1);
