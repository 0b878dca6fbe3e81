/** What has an image of its own. `sandbox`, the simulated marketplaces, is never deployed. */
export const FUNCTIONS = [
  'audit-log',
  'consent',
  'sandbox',
  'seller-api',
  'throttled-sync',
  'token-refresh',
  'webhook-intake',
] as const;
export type FunctionName = (typeof FUNCTIONS)[number];
