import type { Store, Write } from '#platform/engines/engine.ts';

/** partition = connection id, sort = 'connection'; or partition = 'all' / `seller#…` / `grant#…`, sort = connection id */
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
  /** under whose id its credentials are: absent where they are its own, another's where one consent covers several accounts */
  grantId?: string;
  /** when the seller consented, and when that ends by the marketplace's own word, epoch ms; absent where nobody knows */
  consentedAt?: number;
  consentEndsAt?: number;
  status: 'active' | 'needs-consent';
  /** why the seller must consent again; null while active */
  statusReason: string | null;
  /** has `connection.consent-needed` been published for this status? */
  announced: boolean;
};

/** The connection that stands for the developer's own app at a marketplace. */
export const appConnectionId = (marketplace: string): string => `${marketplace}-app`;

/** Under whose id a connection's credentials are. */
export const grantIdOf = ({ connectionId, grantId }: Pick<Connection, 'connectionId' | 'grantId'>): string =>
  grantId ?? connectionId;

/** What a consent says of a connection. */
export type Consented = Pick<
  Connection,
  'connectionId' | 'marketplace' | 'sellerId' | 'settings' | 'grant' | 'grantId' | 'consentedAt' | 'consentEndsAt'
>;

export type Connections = ReturnType<typeof createConnections>;

const grantPartition = (grantId: string): string => `grant#${grantId}`;
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
    /** The connections that use the credentials of another, `grantId`. */
    async sharing(grantId: string): Promise<Connection[]> {
      const items = await store.range(TABLE, grantPartition(grantId), { limit: MAX_LISTED });
      const connections = await Promise.all(items.map((item) => get(item.sort)));
      return connections.filter((connection) => connection?.grantId === grantId) as Connection[];
    },
    /** A new connection, or a new consent for one that exists; false: a newer consent is in place. */
    async put(connection: Consented): Promise<boolean> {
      const value: Connection = { ...connection, status: 'active', statusReason: null, announced: false };
      const { connectionId, marketplace, sellerId, grantId } = connection;
      const before = await get(connectionId);
      if ((before?.consentedAt ?? 0) > (connection.consentedAt ?? Number.POSITIVE_INFINITY)) return false;
      const former = before?.grantId;
      const row = { table: TABLE, condition: 'none' as const };
      const grantRow = (id: string, at: object | null): Write[] => [
        { ...row, partition: grantPartition(id), sort: connectionId, value: at },
      ];
      await store.writeAtomically([
        { ...row, partition: connectionId, sort: 'connection', value },
        { ...row, partition: ALL, sort: connectionId, value: {} },
        { ...row, partition: sellerPartition(marketplace, sellerId), sort: connectionId, value: {} },
        ...(grantId === undefined ? [] : grantRow(grantId, {})),
        ...(former === undefined || former === grantId ? [] : grantRow(former, null)),
      ]);
      return true;
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
