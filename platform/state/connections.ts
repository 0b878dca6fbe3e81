import type { Store } from '#platform/engines/engine.ts';

/** partition = connection id, sort = 'connection'; or partition = 'all' / `seller#…`, sort = connection id */
const TABLE = 'connections';
const ALL = 'all';
/** most connections that are listed; far above one installation's, a bound all the same */
const MAX_LISTED = 100_000;

/** A seller's authorization on a marketplace. Its tokens are in `credentials.ts`. */
export type Connection = {
  connectionId: string;
  marketplace: string;
  /** the marketplace's own id of the account */
  sellerId: string;
  settings: Record<string, string>;
  /** `app`: not a seller's but the developer's own, for calls that want a token of the app (eBay's public keys) */
  grant: 'seller' | 'app';
  status: 'active' | 'needs-consent';
  /** why the seller must consent again; null while active */
  statusReason: string | null;
  /** has `connection.consent-needed` been published for this status? */
  announced: boolean;
};

/** The connection that stands for the developer's own app at a marketplace. */
export const appConnectionId = (marketplace: string): string => `${marketplace}-app`;

export type Connections = ReturnType<typeof createConnections>;

const sellerPartition = (marketplace: string, sellerId: string): string => `seller#${marketplace}#${sellerId}`;

export function createConnections({ store }: { store: Store }) {
  const get = async (connectionId: string): Promise<Connection | undefined> =>
    (await store.get(TABLE, connectionId, 'connection'))?.value as Connection | undefined;

  /** Changes what is stored, on its version; `change` returns undefined when nothing is to be changed. */
  async function update(
    connectionId: string,
    change: (connection: Connection) => Connection | undefined,
  ): Promise<Connection | undefined> {
    for (;;) {
      const item = await store.get(TABLE, connectionId, 'connection');
      if (!item) return undefined;
      const next = change(item.value as Connection);
      if (!next) return item.value as Connection;
      const [result] = await store.write([
        { table: TABLE, partition: connectionId, sort: 'connection', condition: item.version, value: next },
      ]);
      if (result?.ok) return next;
    }
  }

  return {
    get,
    /** The connection of a seller's account. */
    async bySeller(marketplace: string, sellerId: string): Promise<Connection | undefined> {
      const [item] = await store.range(TABLE, sellerPartition(marketplace, sellerId), { limit: 1 });
      return item ? get(item.sort) : undefined;
    },
    async list(): Promise<Connection[]> {
      const items = await store.range(TABLE, ALL, { limit: MAX_LISTED });
      const connections = await Promise.all(items.map((item) => get(item.sort)));
      return connections.filter((connection) => connection !== undefined);
    },
    /** A new connection, or a new consent for one that exists. */
    async put(
      connection: Pick<Connection, 'connectionId' | 'marketplace' | 'sellerId' | 'settings' | 'grant'>,
    ): Promise<void> {
      const value: Connection = { ...connection, status: 'active', statusReason: null, announced: false };
      const { connectionId, marketplace, sellerId } = connection;
      const row = { table: TABLE, condition: 'none' as const };
      await store.writeAtomically([
        { ...row, partition: connectionId, sort: 'connection', value },
        { ...row, partition: ALL, sort: connectionId, value: {} },
        { ...row, partition: sellerPartition(marketplace, sellerId), sort: connectionId, value: {} },
      ]);
    },
    /** The grant is dead. The connection as it is now; `announced` says whether that has been published. */
    needsConsent: (connectionId: string, reason: string) =>
      update(connectionId, (connection) =>
        connection.status === 'needs-consent'
          ? undefined
          : { ...connection, status: 'needs-consent', statusReason: reason, announced: false },
      ),
    /** `connection.consent-needed` has been published. */
    announced: (connectionId: string) =>
      update(connectionId, (connection) => (connection.announced ? undefined : { ...connection, announced: true })),
  };
}
