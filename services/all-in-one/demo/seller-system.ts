import { createHash } from 'node:crypto';
import { type AnyEvent, type EventOf, parseEvent } from '#events/index.ts';
import { deadLetterQueue } from '#events/routes.ts';
import { describeEvent, type FunctionDeps, type Running } from '#platform/functions/deps.ts';
import { consume } from '#platform/runtime/consume.ts';

export type OrderChanged = EventOf<'order.changed'>;

export type SellerSystem = Running & {
  /** order events that came, repeats included */
  published(): number;
  /** different ids among them */
  distinct(): number;
  /** ids that came twice with different content: must never be */
  contradictions(): number;
  /** the event of the highest version of each order, by `<connection>/<order>` */
  latest: ReadonlyMap<string, OrderChanged>;
};

/** Stands in for a seller's ERP: consumes the order events and keeps the newest of each order. */
export function startSellerSystem(deps: FunctionDeps, onOrder: (event: OrderChanged) => void = () => {}): SellerSystem {
  const contents = new Map<string, string>();
  const latest = new Map<string, OrderChanged>();
  let published = 0;
  let contradictions = 0;

  async function handle(event: AnyEvent): Promise<void> {
    if (event.type !== 'order.changed') return;
    published += 1;
    const content = createHash('sha256').update(JSON.stringify(event.data.order)).digest('base64');
    const known = contents.get(event.id);
    if (known !== undefined && known !== content) contradictions += 1;
    contents.set(event.id, content);
    const key = `${event.data.order.connectionId}/${event.data.order.orderId}`;
    const newest = latest.get(key);
    if (!newest || newest.data.orderVersion < event.data.orderVersion) latest.set(key, event);
    if (known === undefined) onOrder(event);
  }

  const consumer = consume(deps, {
    queue: 'seller-events',
    deadLetterQueue: deadLetterQueue('seller-events'),
    handler: 'seller-system',
    parse: parseEvent,
    describe: describeEvent,
    handle,
    ...deps.consuming,
  });
  return {
    stop: () => consumer.stop(),
    published: () => published,
    distinct: () => contents.size,
    contradictions: () => contradictions,
    latest,
  };
}
