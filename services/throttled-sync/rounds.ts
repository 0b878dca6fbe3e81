import { hash } from 'node:crypto';
import type { Marketplace } from '#marketplaces/marketplace.ts';
import { appConnectionId, type Connection } from '#platform/state/connections.ts';
import type { RoundKind } from '#platform/state/rounds.ts';

/** how often subscriptions are looked at, ms, ours: marketplaces drop an endpoint that fails within hours (eBay, Shopee) */
const SUBSCRIPTION_EVERY_MS = 6 * 3_600_000;

/** How a marketplace wants a kind of round: how often, and for each connection or once for the app. */
export type RoundPlan = { everyMs: number; scope: 'connection' | 'app' };

/** undefined: the marketplace has nothing of this kind. */
export function planOf({ webhook }: Marketplace, kind: RoundKind): RoundPlan | undefined {
  if (kind === 'subscription') {
    return webhook.subscribe && { everyMs: SUBSCRIPTION_EVERY_MS, scope: webhook.subscriptionScope ?? 'connection' };
  }
  return webhook.missed && { everyMs: webhook.missed.everyMs, scope: webhook.missed.scope };
}

/** What a connection's round is remembered under. */
export const roundIdOf = (
  { scope }: RoundPlan,
  { marketplace, connectionId }: Pick<Connection, 'marketplace' | 'connectionId'>,
): string => (scope === 'app' ? appConnectionId(marketplace) : connectionId);

/** Where in its period a round lies, from 0 up to 1, evenly over all ids. */
export const phaseOf = (id: string): number => Number.parseInt(hash('sha256', id).slice(0, 8), 16) / 2 ** 32;
