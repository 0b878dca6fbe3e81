import type { AnyEvent } from '#events/index.ts';
import { marketplaces, otherSources } from '#marketplaces/index.ts';
import type { Marketplace, Source } from '#marketplaces/marketplace.ts';
import type { Engine } from '#platform/engines/engine.ts';
import type { Clock } from '#platform/runtime/clock.ts';
import type { Consumer, ConsumerWatch } from '#platform/runtime/consume.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { Logger } from '#platform/runtime/logger.ts';
import { createEventFactory, createPublisher } from '#platform/runtime/publish.ts';
import type { Random } from '#platform/runtime/random.ts';
import type { Send } from '#platform/runtime/send.ts';
import { createBudgets } from '#platform/state/budgets/budgets.ts';
import { createBuyers } from '#platform/state/buyers.ts';
import { createCommands } from '#platform/state/commands.ts';
import { createConnections } from '#platform/state/connections.ts';
import { createConsentNotices } from '#platform/state/consent-notices.ts';
import { createConsents } from '#platform/state/consents.ts';
import { createCredentials } from '#platform/state/credentials.ts';
import { createCursors } from '#platform/state/cursors.ts';
import { createDeliveries } from '#platform/state/deliveries.ts';
import { createLatestUpdates } from '#platform/state/latest-updates.ts';
import { createLeases } from '#platform/state/leases.ts';
import { createOrders } from '#platform/state/orders.ts';
import { createRounds } from '#platform/state/rounds.ts';
import { loadEncryption, Registrations } from '#platform/state/secrets.ts';
import { createWaitingReads } from '#platform/state/waiting-reads.ts';
import { createWaitingUpdates } from '#platform/state/waiting-updates.ts';

/** A marketplace in use: its connector and the developer's registration there. */
export type Member = { marketplace: Marketplace; app: unknown };

/** What a running function is to whoever started it. */
export type Running = Consumer;

/** The world that a function runs in: everything that it does not compute itself. */
export type World = {
  engine: Engine;
  clock: Clock;
  random: Random;
  send: Send;
  logger: Logger;
  /** do the ticks come from rules that were deployed with the queues? Then nobody puts any */
  schedulesAreDeployed?: boolean;
  /** how consumers take messages, where it is not the default; the simulation waits longer for less work */
  consuming?: { window?: number; waitMs?: number; watch?: ConsumerWatch };
  /** how long buyers' data are kept after delivery, where it is not the default */
  buyerDataDays?: number;
  /** the audit logs, where it is not the one */
  auditLogs?: readonly string[];
};

export type FunctionDeps = Awaited<ReturnType<typeof createFunctionDeps>>;

/**
 * Puts together what functions are made of. A function takes from it only what the `deps` type beside each of its verbs
 * lists.
 */
export async function createFunctionDeps(world: World, name: string) {
  const { engine, clock, random, send, logger } = world;
  const { queues, store, secrets } = engine;
  const encryption = await loadEncryption({ secrets, random, clock, logger }, { createIfAbsent: true });
  const newEvent = createEventFactory({ source: `/sluice/${name}`, clock, random });
  const publisher = createPublisher({ queues, clock });

  const members = await Registrations.load({ secrets, clock, logger }, marketplaces);
  const sources = await Registrations.load({ secrets, clock, logger }, otherSources);
  const credentials = createCredentials({ store, encryption });
  const buyers = createBuyers({ store, encryption, random, keptDays: world.buyerDataDays });

  return {
    name,
    queues,
    store,
    secrets,
    archive: engine.archive,
    clock,
    random,
    send,
    logger,
    newEvent,
    publisher,
    members: members as Members,
    otherSources: sources as ReadonlyMap<string, { marketplace: Source; app: unknown }>,
    budgets: createBudgets({ store, clock, random }, { offsetMs: engine.clockOffsetMs }),
    connections: createConnections({ store }),
    credentials,
    consents: createConsents({ store, encryption }),
    consentNotices: createConsentNotices({ store }),
    cursors: createCursors({ store }),
    rounds: createRounds({ store }),
    orders: createOrders({ store, buyers }),
    buyers,
    purge: async (): Promise<void> => engine.purge?.(),
    waitingReads: createWaitingReads({ store }),
    deliveries: createDeliveries({ store, clock }),
    commands: createCommands({ store }),
    latestUpdates: createLatestUpdates({ store }),
    waitingUpdates: createWaitingUpdates({ store }),
    leases: createLeases({ store }),
    consuming: world.consuming ?? {},
    /** What `consume` does about a refused or missing token: nobody is given it any more, and a new one is asked for. */
    async requestTokenRefresh(failure: Failure): Promise<void> {
      const { connectionId, credentialsVersion } = failure;
      if (connectionId === undefined) return;
      if (credentialsVersion !== undefined) await credentials.refused(connectionId, credentialsVersion);
      await publisher.publish(
        newEvent('token-refresh.requested', {
          connectionId,
          reason: 'rejected',
          credentialsVersion: Math.max(1, credentialsVersion ?? 1),
        }),
      );
    },
  };
}

/** What to log of an event: what it is and whom it concerns, nothing of its content. */
export function describeEvent(event: AnyEvent): Record<string, unknown> {
  const { data } = event;
  return {
    eventId: event.id,
    type: event.type,
    trace: event.traceparent.slice(3, 35),
    ...('connectionId' in data ? { connectionId: data.connectionId } : {}),
    ...('orderIds' in data ? { orderIds: data.orderIds } : {}),
  };
}

/** The member of a marketplace; a permanent failure where it is not set up. */
export function memberOf(members: ReadonlyMap<string, Member>, marketplace: string): Member {
  const member = members.get(marketplace);
  if (member) return member;
  throw new Failure('permanent', `no registration of ${marketplace} is in the secrets`, { code: 'not-set-up' });
}

/** Marketplaces in use; `reread` looks whether the operator has changed a registration. */
export type Members = ReadonlyMap<string, Member> & { reread?(): Promise<void> };

/** Codes of failures that a changed registration may mend. */
const OF_THE_APP = ['app-credentials-refused', 'signature-refused'];

/** The marketplace refuses the app itself: has the operator changed its registration since `member` was looked up? */
export async function hasNewRegistration(
  members: Members,
  { marketplace, app }: Member,
  failure: Failure,
): Promise<boolean> {
  if (!OF_THE_APP.includes(failure.code)) return false;
  await members.reread?.();
  const member = members.get(marketplace.name);
  return member !== undefined && member.app !== app;
}

/** What becomes of such a failure: the next attempt is made with the new registration. */
export const registrationChanged = (): Failure =>
  new Failure('retryable', 'the registration has just been changed', { code: 'registration-changed' });
