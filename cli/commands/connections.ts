import { defineCommand } from '#cli/command.ts';
import { flag } from '#cli/options.ts';
import { instantOf, table } from '#cli/table.ts';
import { marketplaces } from '#marketplaces/index.ts';
import { consentCalendar, consentEndOf } from '#platform/functions/consent-calendar.ts';
import type { World } from '#platform/functions/deps.ts';
import { appConnectionId, type Connection, createConnections, grantIdOf } from '#platform/state/connections.ts';
import { tokenTimes } from '#platform/state/credentials.ts';
import { createCursors } from '#platform/state/cursors.ts';
import { createRounds } from '#platform/state/rounds.ts';
import { Registrations } from '#platform/state/secrets.ts';

const DAY_MS = 24 * 3_600_000;

export const connections = defineCommand({
  name: 'connections',
  takes: [],
  says: 'Every connection: its seller, status, when its consent and token end, and how far its orders are read',
  options: {
    calendar: flag('instead, what will end and only a person can renew: consents and secrets, the nearest first'),
  },
  async run({ open }, { values }) {
    const world = await open();
    return values.calendar ? showCalendar(world) : showConnections(world);
  },
});

async function look({ engine: { store, secrets }, clock, logger }: World) {
  const members = await Registrations.load({ secrets, clock, logger }, marketplaces);
  return { store, members, connections: createConnections({ store }) };
}

async function showConnections(world: World) {
  const found = await look(world);
  const { store } = found;
  const cursors = createCursors({ store });
  const rounds = createRounds({ store });

  async function rowOf(connection: Connection) {
    const { connectionId, marketplace, sellerId, grant, status, statusReason } = connection;
    const cursor = await cursors.get(connectionId);
    const isOneForApp = found.members.get(marketplace)?.marketplace.webhook.subscriptionScope === 'app';
    const tokens = await tokenTimes(store, grantIdOf(connection));
    return {
      connectionId,
      marketplace,
      sellerId,
      grant,
      status,
      statusReason,
      sharesGrantOf: connection.grantId ?? null,
      consentEndsAt: instantOf(await consentEndOf(found, connection, world.clock.now())),
      accessTokenExpiresAt: instantOf(tokens.accessTokenExpiresAt),
      nextRefreshAt: instantOf(status === 'active' ? tokens.refreshDueAt : undefined),
      webhooks:
        (await rounds.get('subscription', isOneForApp ? appConnectionId(marketplace) : connectionId))?.outcome ?? null,
      watermark: instantOf(cursor?.watermark),
      nextPollAt: instantOf(cursor?.dueAt),
      backfillFrom: instantOf(cursor?.backfill?.from),
    };
  }

  const rows = await Promise.all((await found.connections.list()).map(rowOf));
  const headings = ['CONNECTION', 'MARKETPLACE', 'SELLER', 'STATUS', 'REASON', 'CONSENT ENDS', 'TOKEN EXPIRES'];
  return {
    json: { connections: rows },
    text: table(
      [...headings, 'NEXT REFRESH', 'WEBHOOKS', 'WATERMARK', 'NEXT POLL'],
      rows.map((row) => [
        row.connectionId,
        row.marketplace,
        row.sellerId,
        row.status,
        row.statusReason,
        row.consentEndsAt?.slice(0, 'yyyy-mm-dd'.length),
        row.accessTokenExpiresAt,
        row.nextRefreshAt,
        row.webhooks,
        row.watermark,
        row.nextPollAt,
      ]),
    ),
  };
}

async function showCalendar(world: World) {
  const now = world.clock.now();
  const ends = await consentCalendar(await look(world), now);
  const rows = ends.map(({ marketplace, connectionId, secret, endsAt }) => ({
    endsAt: new Date(endsAt).toISOString(),
    daysLeft: Math.ceil((endsAt - now) / DAY_MS),
    marketplace,
    connectionId,
    secret,
  }));
  return {
    json: { calendar: rows },
    text: table(
      ['ENDS', 'DAYS LEFT', 'MARKETPLACE', 'WHAT'],
      rows.map((row) => [
        row.endsAt,
        row.daysLeft,
        row.marketplace,
        row.connectionId === null ? `secret ${row.secret} of the registration` : `consent of ${row.connectionId}`,
      ]),
    ),
  };
}
