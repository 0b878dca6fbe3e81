import type { EventOf } from '#events/index.ts';
import type { MessageContext } from '#platform/runtime/consume.ts';
import type { HttpRequest } from '#platform/runtime/http.ts';
import { loadSellerApiKeys, newestSellerApiKey } from '#platform/state/secrets.ts';
import { createSellerApp } from '#services/seller-api/app.ts';
import { confirmShipment } from '#services/throttled-sync/confirm-shipment.ts';
import { updateInventory } from '#services/throttled-sync/update-inventory.ts';
import { createFunctionWorld } from './function-world.ts';

export const CONNECTION = 'plain-1';
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

/** the n-th attempt at a message; `turnAt` where it has waited for its place */
export const on = (attempt: number, turnAt?: number): MessageContext => ({
  attempt,
  turnAt,
  rest: (wait) => wait,
});

export type Line = { sku: string; quantity: number; reference: Record<string, string> };
export const line = (sku: string, quantity: number, reference: Record<string, string> = {}): Line => ({
  sku,
  quantity,
  reference: { listing: sku, ...reference },
});

export const shipment = {
  connectionId: CONNECTION,
  orderId: 'order-1',
  carrier: { name: 'DPD' },
  trackingNumber: 'T1',
  shippedAt: '2026-01-01T00:00:00.000Z',
};

/** The lines that a call to the plain marketplace sets. */
export const sentLines = ({ body }: HttpRequest): Line[] => (JSON.parse(body!) as { lines: Line[] }).lines;

/** A connected seller of the plain marketplace, whose systems send commands over HTTP. */
export async function createCommandWorld() {
  const all = await createFunctionWorld();
  await all.connect(CONNECTION, 'access-1');
  await all.taken();
  const apiKeys = await loadSellerApiKeys(all.deps);
  const apiKey = await newestSellerApiKey(all.deps, { createIfAbsent: false });
  const app = createSellerApp({ ...all.deps, apiKeys });

  const post = async (path: string, key: string, body: unknown, headers: Record<string, string> = {}) => {
    const response = await app.request(path, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'idempotency-key': key, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) };
  };
  const status = async (commandId: string) => {
    const headers = { authorization: `Bearer ${apiKey}` };
    const response = await app.request(`/v1/commands/${commandId}`, { headers });
    return JSON.parse(await response.text());
  };

  return {
    ...all,
    app,
    apiKey,
    apiKeys,
    post,
    status,
    postStock: (key: string, lines: readonly Line[]) =>
      post('/v1/inventory-updates', key, { connectionId: CONNECTION, lines }),
    postShipment: (key: string, change: Partial<typeof shipment> = {}) =>
      post('/v1/shipment-confirmations', key, { ...shipment, ...change }),
    /** Accepts an update and gives its message. */
    async update(key: string, lines: readonly Line[]): Promise<EventOf<'inventory-update.requested'>> {
      const { status } = await post('/v1/inventory-updates', key, { connectionId: CONNECTION, lines });
      if (status !== 202) throw new Error(`the update was answered ${status}`);
      const [event] = await all.takeEvents('sync', 'inventory-update.requested');
      return event!;
    },
    /** Accepts a shipment and gives its message. */
    async ship(
      key: string,
      change: Partial<typeof shipment> = {},
    ): Promise<EventOf<'shipment-confirmation.requested'>> {
      const { status } = await post('/v1/shipment-confirmations', key, { ...shipment, ...change });
      if (status !== 202) throw new Error(`the shipment was answered ${status}`);
      const [event] = await all.takeEvents('sync', 'shipment-confirmation.requested');
      return event!;
    },
    handleStock: (event: EventOf<'inventory-update.requested'>, context = on(1), deps = all.deps) =>
      updateInventory(deps, event, context),
    handleShipment: (event: EventOf<'shipment-confirmation.requested'>, context = on(1), deps = all.deps) =>
      confirmShipment(deps, event, context),
    /** The answers that the seller's systems have been given since the last look. */
    async answers() {
      const events = await all.taken();
      const isAnswer = /^(inventory-update|shipment-confirmation)\.(completed|failed)$/;
      const seen = new Set<string>();
      return events.flatMap((event) => {
        if (!isAnswer.test(event.type) || seen.has(JSON.stringify(event))) return [];
        seen.add(JSON.stringify(event)); // the audit log is told of each too
        return [event as EventOf<'inventory-update.completed' | 'inventory-update.failed'>];
      });
    },
  };
}

export type CommandWorld = Awaited<ReturnType<typeof createCommandWorld>>;

/** What became of the lines of an answer. */
export const outcomes = ({ data }: EventOf<'inventory-update.completed' | 'inventory-update.failed'>): string[] =>
  data.lines.map(({ sku, outcome, code }) => `${sku} ${outcome}${code === null ? '' : ` ${code}`}`);
