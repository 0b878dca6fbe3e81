import { defineCommand } from '#cli/command.ts';
import { instantOf, table } from '#cli/table.ts';
import { createConnections } from '#platform/state/connections.ts';
import { accessTokenExpiresAt } from '#platform/state/credentials.ts';
import { createCursors } from '#platform/state/cursors.ts';

export const connections = defineCommand({
  name: 'connections',
  takes: [],
  says: 'Every connection: its seller, status, token expiry, and how far its orders are read',
  options: {},
  async run({ open }) {
    const { store } = open().engine;
    const cursors = createCursors({ store });
    const rows = await Promise.all(
      (await createConnections({ store }).list()).map(async (connection) => {
        const { connectionId, marketplace, sellerId, grant, status, statusReason } = connection;
        const cursor = await cursors.get(connectionId);
        return {
          connectionId,
          marketplace,
          sellerId,
          grant,
          status,
          statusReason,
          accessTokenExpiresAt: instantOf(await accessTokenExpiresAt(store, connectionId)),
          watermark: instantOf(cursor?.watermark),
          nextPollAt: instantOf(cursor?.dueAt),
        };
      }),
    );
    return {
      json: { connections: rows },
      text: table(
        ['CONNECTION', 'MARKETPLACE', 'SELLER', 'STATUS', 'REASON', 'TOKEN EXPIRES', 'WATERMARK', 'NEXT POLL'],
        rows.map((row) => [
          row.connectionId,
          row.marketplace,
          row.sellerId,
          row.status,
          row.statusReason,
          row.accessTokenExpiresAt,
          row.watermark,
          row.nextPollAt,
        ]),
      ),
    };
  },
});
