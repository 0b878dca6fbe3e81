import type { Answer, Delivery, Source, WebhookReading } from '#marketplaces/marketplace.ts';
import type { Member } from '#platform/functions/deps.ts';
import { type QueueDeliveryDeps, queueDelivery, sha256 } from '#platform/functions/queue-delivery.ts';
import { asFailure, type Failure } from '#platform/runtime/failure.ts';
import type { Logger } from '#platform/runtime/logger.ts';
import type { Connection, Connections } from '#platform/state/connections.ts';
import type { VerificationKeys } from './verification-keys.ts';

/** when a marketplace is asked to try again what can't be taken now, seconds */
const RETRY_AFTER_SECONDS = 10;

export type ReceiveDeliveryDeps = QueueDeliveryDeps & {
  logger: Logger;
  members: ReadonlyMap<string, Member>;
  /** senders that are no marketplaces */
  otherSources?: ReadonlyMap<string, Registered>;
  connections: Pick<Connections, 'get' | 'bySeller'>;
  verificationKeys: VerificationKeys;
  requestTokenRefresh(failure: Failure): Promise<void>;
};

/** Who sends webhooks here, and the operator's registration there. */
type Registered = { marketplace: Source; app: unknown };

export type Address = { marketplace: string; connectionId: string | undefined };

type Outcome = { status: number; outcome: string; answer?: Answer };

/**
 * Answers one delivery. 2xx is a promise, given only for what the queue has durably; what can't be taken now is answered
 * 503, so that the marketplace tries again. Nothing of the body is read before its signature is verified.
 *
 *   200  queued, or a repeat of one that is queued; or a handshake
 *   400  verified, but not readable
 *   401  signature bad or absent
 *   404  no such marketplace or connection
 *   415  not JSON (413, too large, is answered before this)
 *   503  can't be queued, or its key can't be fetched, right now
 */
export async function receiveDelivery(
  deps: ReceiveDeliveryDeps,
  address: Address,
  delivery: Delivery,
): Promise<Answer> {
  const log: Record<string, unknown> = { marketplace: address.marketplace, bytes: delivery.body.byteLength };
  const result = await decide(deps, address, delivery, log).catch((thrown: unknown): Outcome => {
    const failure = asFailure(thrown);
    log.detail = failure.message;
    return { status: 503, outcome: failure.code };
  });
  const { status, outcome } = result;
  await recordRefusal(deps, address, delivery, result);
  deps.logger.info({ ...log, status, outcome, durationMs: deps.clock.now() - delivery.receivedAt }, 'delivery');
  return result.answer ?? emptyAnswer(status);
}

/** An answer with no body: Shopee takes no other as an acknowledgement. */
export function emptyAnswer(status: number): Answer {
  return { status, headers: status === 503 ? { 'retry-after': String(RETRY_AFTER_SECONDS) } : {}, body: '' };
}

async function decide(
  deps: ReceiveDeliveryDeps,
  address: Address,
  delivery: Delivery,
  log: Record<string, unknown>,
): Promise<Outcome> {
  const isMarketplace = deps.members.has(address.marketplace);
  const registered = deps.members.get(address.marketplace) ?? deps.otherSources?.get(address.marketplace);
  if (!registered) return { status: 404, outcome: 'marketplace-unknown' };
  const member = isMarketplace ? atUrlOf(registered, address) : registered;
  const { webhook } = member.marketplace;

  let connection: Connection | undefined;
  if (isMarketplace && address.connectionId !== undefined) {
    connection = await deps.connections.get(address.connectionId);
    if (connection?.marketplace !== address.marketplace) return { status: 404, outcome: 'connection-unknown' };
  }

  const handshake = webhook.handshake?.(member.app, delivery);
  if (handshake) return { status: handshake.status, outcome: 'handshake', answer: handshake };
  if (delivery.method !== 'POST') return { status: 404, outcome: 'not-a-handshake' };
  if (!/^application\/([a-z.-]+\+)?json\b/i.test(delivery.headers['content-type'] ?? '')) {
    return { status: 415, outcome: 'not-json' };
  }

  const verdict = await verify(deps, member, delivery);
  if (!verdict.verified) return { status: 401, outcome: verdict.reason };

  let reading: WebhookReading;
  try {
    reading = webhook.read(delivery.body, delivery.headers);
  } catch (thrown) {
    return { status: 400, outcome: asFailure(thrown).code };
  }
  log.topic = reading.topic;
  log.orderIds = reading.orderIds;

  if (reading.sellerId !== null) {
    const ofSeller = await deps.connections.bySeller(address.marketplace, reading.sellerId);
    // Nothing is kept of a seller who was never connected, and the marketplace wants to hear that it is gone.
    if (!ofSeller && reading.erasure) return { status: 200, outcome: 'nothing-to-erase' };
    // A path that names a connection takes no delivery for another seller.
    if (!ofSeller || (connection && connection.connectionId !== ofSeller.connectionId)) {
      return { status: 404, outcome: 'connection-unknown' };
    }
    connection = ofSeller;
  }
  if (reading.connectionId !== undefined) {
    connection = await deps.connections.get(reading.connectionId);
    if (!connection) return { status: 404, outcome: 'connection-unknown' };
  }
  log.connectionId = connection?.connectionId;
  const { receivedAt, body } = delivery;
  const outcome = await queueDelivery(deps, {
    marketplace: address.marketplace,
    reading,
    connection,
    body,
    receivedAt,
  });
  return { status: 200, outcome };
}

/** Some marketplaces sign the URL too: a connection's own URL is the app's with the connection behind it. */
function atUrlOf(member: Registered, { connectionId }: Address): Registered {
  const app = member.app as { webhookUrl?: string };
  if (connectionId === undefined || app.webhookUrl === undefined) return member;
  return { ...member, app: { ...app, webhookUrl: `${app.webhookUrl}/${connectionId}` } };
}

async function verify(deps: ReceiveDeliveryDeps, member: Registered, delivery: Delivery) {
  const { webhook } = member.marketplace;
  if (!webhook.publicKey) return webhook.verify(member.app, delivery);
  const keyId = webhook.publicKey.keyId(delivery);
  if (keyId === undefined) return { verified: false as const, reason: 'signature-malformed' };
  let key: string | undefined;
  try {
    // Only marketplaces publish keys.
    key = await deps.verificationKeys.get(member as Member, keyId);
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (failure.kind === 'auth') await deps.requestTokenRefresh(failure);
    throw failure;
  }
  if (key === undefined) return { verified: false as const, reason: 'key-unknown' };
  return webhook.verify(member.app, delivery, key);
}

/** Refusals go into the audit log. That one can't be recorded changes nothing of the answer. */
async function recordRefusal(
  deps: ReceiveDeliveryDeps,
  address: Address,
  delivery: Delivery,
  { status, outcome }: Outcome,
): Promise<void> {
  if (status < 400 || status === 503) return;
  const event = deps.newEvent('webhook.refused', {
    marketplace: deps.members.has(address.marketplace) ? address.marketplace : 'unknown',
    status,
    reason: outcome,
    bodyBytes: delivery.body.byteLength,
    bodySha256: sha256(delivery.body),
  });
  await deps.publisher.publish(event).catch((thrown: unknown) => {
    deps.logger.error({ detail: asFailure(thrown).message }, 'a refusal was not recorded');
  });
}
