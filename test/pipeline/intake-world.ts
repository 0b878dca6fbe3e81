import { createHmac } from 'node:crypto';
import { signatureHeader } from '#marketplaces/ebay/sandbox/signing-key.ts';
import type { BookOrder } from '#marketplaces/sandbox-kit/books.ts';
import { PUSH_PARTNER_KEY } from '#marketplaces/shopee/sandbox/registration.ts';
import type { OutgoingMessage } from '#platform/engines/engine.ts';
import type { Logger } from '#platform/runtime/logger.ts';
import { lookAtDeadLetters } from '#platform/state/dead-letters.ts';
import { startSimulation } from '#services/all-in-one/demo/simulate.ts';
import { createIntakeApp } from '#services/webhook-intake/app.ts';
import { createVerificationKeys } from '#services/webhook-intake/verification-keys.ts';

export const PUBLIC_URL = 'http://sluice.test';
const START_AT = Date.parse('2026-11-24T06:00:00.000Z');
/** long enough for every connection to have its tokens and its first poll, ms */
const BEGINNING_MS = 600_000;

export type Sent = { path: string; method?: string; headers?: Record<string, string>; body?: string | Uint8Array };

/** Signed as Shopee signs, over exactly these bytes. */
export function fromShopee(body: string | Uint8Array, path = '/webhooks/shopee'): Sent {
  const authorization = createHmac('sha256', PUSH_PARTNER_KEY)
    .update(`${PUBLIC_URL}${path}|`)
    .update(body)
    .digest('hex');
  return { path, headers: { 'content-type': 'application/json', authorization }, body };
}

/** Signed as eBay signs. */
export function fromEbay(body: string): Sent {
  const headers = { 'content-type': 'application/json', 'x-ebay-signature': signatureHeader(body) };
  return { path: '/webhooks/ebay', headers, body };
}

export const shopeePush = (shopId: string, orderId: string, extra: Record<string, unknown> = {}): string =>
  JSON.stringify({
    code: 3,
    shop_id: Number(shopId),
    timestamp: START_AT / 1000,
    data: { ordersn: orderId, status: 'READY_TO_SHIP', items: [] },
    ...extra,
  });

/** Everything in simulated time, marketplaces that send no webhook by themselves, and a second intake to deliver to. */
export async function startIntakeWorld() {
  const logged: Record<string, unknown>[] = [];
  const note = (fields: Record<string, unknown>, message: string): void => void logged.push({ ...fields, message });
  const logger: Logger = { info: note, warn: note, error: note };
  const simulation = await startSimulation({
    seed: 'bad-input',
    startAt: START_AT,
    sellers: 2,
    faults: { 'lose-webhook': 1 },
    logger,
  });
  const { clock, deps, engine } = simulation;
  const app = createIntakeApp({ ...deps, verificationKeys: createVerificationKeys(deps) }, { publicUrl: PUBLIC_URL });

  /** All that was sent to queues, whoever sent it. */
  const queued: { queue: string; body: string }[] = [];
  const { send } = engine.queues;
  engine.queues.send = async (queue: string, messages: readonly OutgoingMessage[]) => {
    const results = await send(queue, messages);
    for (const [i, { body }] of messages.entries()) if (results[i]?.ok) queued.push({ queue, body });
    return results;
  };

  const inTime = clock.runUntilDone;

  const world = {
    ...simulation,
    logged,
    queued,
    inTime,
    /** Lets simulated time go on. */
    pass: (ms: number): Promise<void> => clock.run({ endAt: clock.now() + ms }),
    async deliver({ path, method = 'POST', headers, body }: Sent) {
      const request = new Request(`${PUBLIC_URL}${path}`, {
        method,
        headers: headers ?? {},
        body: body === undefined ? null : Buffer.from(body),
      });
      const answer = await inTime(Promise.resolve(app.request(request)));
      return { status: answer.status, headers: answer.headers, body: await answer.text() };
    },
    /** A buyer orders at a Shopee shop. */
    placeAtShopee(): BookOrder {
      const { books, sellers } = simulation.sandboxes.get('shopee')!;
      const line = { sku: 'SKU-1', title: 'A lantern', quantity: 1, unitPrice: '2.50' };
      const [name, street, city] = ['Buyer', '1 Market Street', 'London'];
      const buyer = { name, street, city, email: 'b@buyers.example', phone: '1', postalCode: 'N1', countryCode: 'GB' };
      return books.place(sellers[0]!.sellerId, { currency: 'GBP', lines: [line], buyer });
    },
    deadLetters: (queue: string) =>
      inTime(
        lookAtDeadLetters(engine.queues, { queue, deadLetterQueue: `${queue}-dead-letters` }, () => 'drop' as const),
      ),
    /** `order.changed` events of an order, repeats included. */
    orderEvents: (orderId: string) =>
      queued.filter(({ queue, body }) => queue === 'seller-events' && body.includes(orderId)),
  };
  await world.pass(BEGINNING_MS);
  return world;
}

export type IntakeWorld = Awaited<ReturnType<typeof startIntakeWorld>>;
