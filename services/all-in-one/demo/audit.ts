import type { FunctionDeps } from '#platform/functions/deps.ts';
import { exportLog } from '#platform/state/audit-log/export.ts';
import { openAuditLog } from '#platform/state/audit-log/log.ts';
import { verifyLog } from '#platform/state/audit-log/verify.ts';
import { loadAuditSigner } from '#platform/state/secrets.ts';

export type AuditResult = {
  /** entries in the log, all of them covered by the last checkpoint */
  entries: number;
  /** entries that tell of a call to a marketplace */
  calls: number;
  /** what the verifier, which shares no code with the log, says of an export of this run */
  verified: boolean;
};

/** Signs the log as it is, exports it, and lets the verifier check the export with the log's public key. */
export async function checkAuditLog(
  deps: FunctionDeps,
): Promise<AuditResult & { refreshes: number; problem?: string }> {
  const signer = await loadAuditSigner(deps, { createIfAbsent: false });
  const log = openAuditLog({ ...deps, signer, origin: signer.verifier.name });
  await log.checkpoint();

  const folder = new Map<string, Uint8Array>();
  await exportLog(log, (path, bytes) => void folder.set(path, bytes));
  for (const extra of ['verify.ts', 'README.md']) folder.delete(extra);
  const verdict = await verifyLog(
    { read: async (path) => folder.get(path), list: () => [...folder.keys()] },
    { keys: [signer.verifier.text] },
  );
  const count = async (kind: string): Promise<number> => (await log.find({ kind, limit: verdict.size })).length;
  return {
    entries: verdict.size,
    calls: await count('api-call.recorded'),
    verified: verdict.ok,
    refreshes: await count('token.refreshed'),
    ...(verdict.problem === undefined ? {} : { problem: verdict.problem }),
  };
}
