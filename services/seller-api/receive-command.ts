import type { AnyEvent } from '#events/index.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { Wish } from '#platform/state/commands.ts';
import { type AcceptCommandDeps, acceptCommand, MAX_WISH_BYTES } from './accept-command.ts';

/** Accepts a command that came by the queue. Its order among the updates of a listing is that of its `time`. */
export async function receiveCommand(deps: AcceptCommandDeps, event: AnyEvent): Promise<void> {
  const { wish, idempotencyKey } = read(event);
  if (Buffer.byteLength(JSON.stringify(wish.data)) > MAX_WISH_BYTES) {
    throw new Failure('permanent', `a command has at most ${MAX_WISH_BYTES} bytes`, { code: 'too-large' });
  }
  const { outcome } = await acceptCommand(deps, {
    wish,
    idempotencyKey,
    wishedAt: Date.parse(event.time),
    cause: event.traceparent,
  });
  if (outcome === 'accepted') return;
  // Its command has an answer of its own: this one can't have a second.
  throw new Failure('permanent', 'the idempotency key has been used with another content', {
    code: 'idempotency-key-reused',
  });
}

function read(event: AnyEvent): { wish: Wish; idempotencyKey: string } {
  if (event.type === 'inventory-update.requested') {
    const { idempotencyKey, ...data } = event.data;
    return { wish: { type: 'inventory-update', data }, idempotencyKey };
  }
  if (event.type === 'shipment-confirmation.requested') {
    const { idempotencyKey, ...data } = event.data;
    return { wish: { type: 'shipment-confirmation', data }, idempotencyKey };
  }
  throw new Failure('permanent', `${event.type} is not for this queue`, { code: 'not-for-this-queue' });
}
