import { QUEUES } from '#events/routes.ts';
import type { FunctionDeps } from '#platform/functions/deps.ts';
import { countEntries } from '#services/all-in-one/demo/audit.ts';
import { deadLettersIn } from '#services/all-in-one/demo/dead-letters.ts';
import { sumOf } from '#services/all-in-one/demo/result.ts';
import type { RemoteSandbox, SandboxStats } from '#services/all-in-one/remote-sandboxes.ts';

/** What is under way at one moment. */
export type UnderWay = {
  /** messages in the queues that are worked on or could be, and those that come back later */
  messages: number;
  delayed: number;
  /** webhooks that the marketplaces are sending or will send again */
  webhooks: number;
  /** calls that the marketplaces have counted since they started */
  calls: number;
};

/** What has been counted since everything began; what happened in between is the difference of two. */
export type Counts = {
  stats: ReadonlyMap<string, SandboxStats>;
  /** entries of the audit log, by kind */
  kinds: ReadonlyMap<string, number>;
  deadLetters: number;
  /** was nothing under way meanwhile, so that each call that a marketplace has counted is in the audit log? */
  isSettled: boolean;
};

type CountDeps = Pick<FunctionDeps, 'queues' | 'store' | 'secrets' | 'clock' | 'random' | 'logger'>;

const statsOf = async (sandboxes: readonly RemoteSandbox[]): Promise<Map<string, SandboxStats>> =>
  new Map(await Promise.all(sandboxes.map(async ({ name, stats }) => [name, await stats()] as const)));

export async function underWay(deps: CountDeps, sandboxes: readonly RemoteSandbox[]): Promise<UnderWay> {
  const depths = await Promise.all(QUEUES.map((queue) => deps.queues.depth(queue)));
  const stats = [...(await statsOf(sandboxes)).values()];
  return {
    messages: sumOf(depths, ({ visible, inFlight }) => visible + inFlight),
    delayed: sumOf(depths, ({ delayed }) => delayed),
    webhooks: sumOf(stats, ({ webhooksUnderWay }) => webhooksUnderWay),
    calls: sumOf(stats, ({ calls }) => calls.made),
  };
}

/** Is nothing worked on right now? What comes back later may be there: messages, and webhooks that a marketplace repeats. */
export const isQuiet = ({ messages }: UnderWay): boolean => messages === 0;

/** @param from entries of the audit log before this instant are left out */
export async function count(deps: CountDeps, sandboxes: readonly RemoteSandbox[], from: string): Promise<Counts> {
  const first = await underWay(deps, sandboxes);
  const kinds = await countEntries(deps, from);
  const stats = await statsOf(sandboxes);
  const deadLetters = await deadLettersIn(deps.queues);
  const second = await underWay(deps, sandboxes);
  const isSettled = isQuiet(first) && isQuiet(second) && first.calls === second.calls;
  return { stats, kinds, deadLetters, isSettled };
}

/** What was counted between two moments. */
export function countedBetween(before: Counts, after: Counts) {
  const sum = (pick: (stats: SandboxStats) => number): number =>
    sumOf([...after.stats.values()], pick) - sumOf([...before.stats.values()], pick);
  const entries = (kind: string): number => (after.kinds.get(kind) ?? 0) - (before.kinds.get(kind) ?? 0);
  const accepted = sum(({ webhooks }) => webhooks.accepted);
  return {
    webhooks: {
      sent: sum(({ webhooks }) => webhooks.sent),
      accepted,
      refused: sum(({ webhooks }) => webhooks.refused),
      // A repeat of what is queued is accepted and leaves no entry.
      duplicates: Math.max(0, accepted - entries('webhook.received')),
      lost: sum(({ webhooks }) => webhooks.lost),
    },
    calls: { made: sum(({ calls }) => calls.made), throttled: sum(({ calls }) => calls.throttled) },
    refreshes: entries('token.refreshed'),
    entries: sumOf([...after.kinds.values()], Number) - sumOf([...before.kinds.values()], Number),
    auditedCalls: entries('api-call.recorded'),
    deadLetters: after.deadLetters - before.deadLetters,
    byMarketplace: new Map(
      [...after.stats].map(([name, { calls, webhooks }]) => {
        const earlier = before.stats.get(name);
        return [
          name,
          { calls: calls.made - (earlier?.calls.made ?? 0), webhooks: webhooks.sent - (earlier?.webhooks.sent ?? 0) },
        ];
      }),
    ),
  };
}
