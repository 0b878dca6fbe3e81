import { hash } from 'node:crypto';
import { z } from 'zod';
import type { CallContext, Webhook, WebhookReading } from '#marketplaces/marketplace.ts';
import { type Procedure, stepOf } from '#marketplaces/procedure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import type { ShopeeApp } from './app.ts';
import { digits, int64, parseBody, readBody } from './body.ts';
import { readPush } from './push.ts';
import { appCall } from './request.ts';

const lost = z.object({
  error: z.literal(''),
  response: z.object({
    // The reference has the whole push as a text of JSON; its sample shows an object.
    push_message_list: z.array(z.object({ data: z.union([z.string(), z.looseObject({})]) })).nullish(),
    last_message_id: digits.nullish(),
  }),
});
const confirmed = z.object({ error: z.literal('') });

/**
 * The pushes of the whole app that met nobody, for all its shops: at most 100 in a page, kept for 3 days. The next page
 * comes only once this one is confirmed, so it is before it is handed on: should that fail, the poll finds its orders.
 */
export const missed: NonNullable<Webhook<ShopeeApp>['missed']> = {
  /** 1 h, ours: a push is only lost after its third retry, hours later */
  scope: 'app',
  everyMs: 3_600_000,
  list: (context, answers: readonly HttpResponse[]) => stepOf(list(context), answers),
};

function* list({ app, now }: CallContext<ShopeeApp>): Procedure<WebhookReading[]> {
  const told = yield appCall(app, now, { operation: 'getLostPushMessage', path: '/api/v2/push/get_lost_push_message' });
  const { push_message_list, last_message_id } = readBody(told, lost).response;
  const messages = push_message_list ?? [];
  if (messages.length > 0 && last_message_id) {
    const path = '/api/v2/push/confirm_consumed_lost_push_message';
    const body = { last_message_id: int64(last_message_id) };
    readBody(yield appCall(app, now, { operation: 'confirmConsumedLostPushMessage', path, body }), confirmed);
  }
  // One that can't be read must not hold up the others; what it was about, the poll finds.
  return messages.flatMap(({ data }) => readLost(data) ?? []);
}

/** Under the key that the push has when it comes by itself. */
function readLost(data: string | object): WebhookReading | undefined {
  if (typeof data === 'string') return readPush(parseBody(data), hash('sha256', data));
  return readPush(data, hash('sha256', JSON.stringify(data)));
}
