import type { EventOf } from '#events/index.ts';
import { type AsConnectionDeps, runAsConnection } from '#platform/functions/as-connection.ts';
import { memberOf } from '#platform/functions/deps.ts';
import type { MessageContext } from '#platform/runtime/consume.ts';
import type { Connections } from '#platform/state/connections.ts';
import type { Rounds } from '#platform/state/rounds.ts';
import { endRound } from './end-round.ts';
import { planOf } from './rounds.ts';

export type CheckSubscriptionDeps = AsConnectionDeps & {
  connections: Pick<Connections, 'get'>;
  rounds: Pick<Rounds, 'ended'>;
};

/** Looks whether a marketplace still sends a connection's webhooks, and lets the connector repair what is missing. */
export async function checkSubscription(
  deps: CheckSubscriptionDeps,
  request: EventOf<'webhook-subscription.requested'>,
  context: MessageContext,
): Promise<void> {
  const { connectionId, reason } = request.data;
  const connection = await deps.connections.get(connectionId);
  if (connection?.status !== 'active') return;
  const member = memberOf(deps.members, connection.marketplace);
  const { subscribe } = member.marketplace.webhook;
  const plan = planOf(member.marketplace, 'subscription');
  if (!subscribe || !plan) return;
  const callbackUrl = callbackUrlOf(member.app);
  const priority = reason === 'connected' ? 'live' : 'backfill';
  const about = { orderIds: [], cause: request.traceparent, ...context, priority } as const;
  await endRound(deps, { kind: 'subscription', plan, connection, attempt: context.attempt }, async () => {
    const { result } = await runAsConnection(
      deps,
      member,
      connection,
      (call, answers) => subscribe(call, { callbackUrl }, answers),
      about,
    );
    if (result.repaired === 0) return 'ok';
    const data = { marketplace: connection.marketplace, connectionId, repaired: result.repaired };
    const identity = { id: `${request.id}/repaired`, cause: request.traceparent };
    await deps.publisher.publish(deps.newEvent('webhook-subscription.repaired', data, identity));
    return 'repaired';
  });
}

/** The URL that the registration names: signatures cover it. Amazon's names none, since Amazon sends to a queue. */
const callbackUrlOf = (app: unknown): string => (app as { webhookUrl?: string }).webhookUrl ?? '';
