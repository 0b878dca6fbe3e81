import { hash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Order } from '#events/order.ts';
import type { Store, Write } from '#platform/engines/engine.ts';

/** partition = connection id, sort = order id */
const TABLE = 'raw-orders';
/** most JSON of one order that is kept, bytes: far above any seen, and still an item of DynamoDB (400 KB) uncompressed */
const MAX_RAW_BYTES = 262_144;

/** The marketplaces' own JSON of orders, without personal data, compressed: to map again what was mapped wrongly. */
export function createRawOrders({ store }: { store: Store }) {
  return {
    /**
     * The writes that keep an order's JSON, to go with the order's own. Nothing is compressed or written where it is the
     * same as before; of an order that comes without, or with too much, nothing is kept.
     */
    keep(order: Order, raw: unknown, formerHash: string | null): { writes: Write[]; hash: string | null } {
      const json = raw === undefined ? undefined : JSON.stringify(raw);
      const isKept = json !== undefined && Buffer.byteLength(json) <= MAX_RAW_BYTES;
      const newHash = isKept ? hash('sha256', json).slice(0, 32) : null;
      if (newHash === formerHash) return { writes: [], hash: formerHash };
      const { connectionId, orderId } = order;
      const value = isKept ? { gzip: gzipSync(json).toString('base64') } : null;
      const row = { table: TABLE, partition: connectionId, sort: orderId, condition: 'none' as const };
      return { writes: [{ ...row, value }], hash: newHash };
    },

    async get(connectionId: string, orderId: string): Promise<unknown> {
      const item = await store.get(TABLE, connectionId, orderId);
      if (!item) return undefined;
      const { gzip } = item.value as { gzip: string };
      const json = gunzipSync(Buffer.from(gzip, 'base64'), { maxOutputLength: MAX_RAW_BYTES });
      return JSON.parse(json.toString('utf8')) as unknown;
    },
  };
}
