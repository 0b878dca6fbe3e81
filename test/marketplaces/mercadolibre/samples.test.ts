import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mercadolibre } from '#marketplaces/mercadolibre/index.ts';
import samples from '#test/vectors/mercadolibre/samples.json' with { type: 'json' };
import { answer, app, connection, context, NOW, runSteps } from './support.ts';

const ORDER = {
  ...{ id: 2000009713000001, status: 'paid', date_created: '2026-01-16T10:00:00.000-04:00' },
  ...{ date_last_updated: '2026-01-16T10:00:00.000-04:00', currency_id: 'ARS', total_amount: 10, order_items: [] },
  seller: { id: Number(connection.sellerId) },
};

test('the guide’s token answer is read', () => {
  const { token_response: told } = samples;
  const tokens = mercadolibre.auth.readTokens(answer(told), NOW);
  assert.deepEqual([tokens.accessToken, tokens.refreshToken], [told.access_token, told.refresh_token]);
  assert.equal(tokens.accessTokenExpiresAt, NOW + told.expires_in * 1000);
});

test('the guide’s refused grant is a dead one', () => {
  const { body, status_code } = samples.invalid_grant;
  const failure = mercadolibre.readFailure(answer(body, status_code), 'refreshToken');
  assert.deepEqual([failure?.kind, failure?.code], ['permanent', 'grant-dead']);
});

test('the guide’s notification is a hint of its order', () => {
  const { notification: told } = samples;
  const reading = mercadolibre.webhook.read(Buffer.from(JSON.stringify(told)));
  assert.deepEqual([reading.topic, reading.sellerId], [told.topic, String(told.user_id)]);
  assert.deepEqual(
    [reading.orderIds, reading.deduplicationKey],
    [['2195160686'], `${told._id}/${told.user_id}/${told.resource}`],
  );
});

test('the guide’s list of missed notifications is read, and of another topic than orders nothing comes', () => {
  const { result, operations } = runSteps(
    (answers) => mercadolibre.webhook.missed!.list(context, answers),
    (request) => answer(request.url.includes('offset=0') ? samples.missed_feeds : { messages: [] }),
  );
  assert.deepEqual([result, operations], [[], ['getMissedFeeds', 'getMissedFeeds']]);
});

test('stock in a warehouse is set by the guide’s request', () => {
  const { headers, body } = samples.stock_put;
  const [place] = body.locations;
  const { requests } = runSteps(
    (answers) => {
      const reference = { itemId: 'MLA1', userProductId: 'MLAU1' };
      return mercadolibre.inventory!.update(context, [{ sku: 'A', quantity: place!.quantity, reference }], answers);
    },
    (request) => {
      if (request.method === 'PUT') return answer('', 200);
      const locations = [{ ...place, type: 'seller_warehouse', quantity: 3 }];
      return { ...answer({ locations }), headers };
    },
  );
  assert.equal(requests[1]!.headers['x-version'], headers['x-version']);
  assert.deepEqual(JSON.parse(requests[1]!.body!), body);
});

test('a parcel is told as in the guide, but for what version 2 changed', () => {
  const { payload, tracking_number, tracking_url, status } = samples.seller_notification;
  const answers = [
    answer({ ...ORDER, shipping: { id: 44028000001 } }),
    answer({ id: 44028000001, status: 'ready_to_ship', logistic: { mode: 'me1' }, site_id: 'MLA' }),
    answer({}),
  ];
  const { requests } = runSteps(
    (sofar) =>
      mercadolibre.shipments!.confirm(
        { ...context, app: { ...app, trackingUrlTemplate: tracking_url } },
        {
          orderId: String(ORDER.id),
          lines: [],
          carrier: { code: null, name: payload.comment },
          trackingNumber: tracking_number,
          shippedAt: Date.parse(payload.date),
        },
        sofar,
      ),
    () => answers.shift()!,
  );
  assert.deepEqual(JSON.parse(requests[2]!.body!), {
    payload: { ...payload, date: '2026-01-16T17:03:51.175-00:00' },
    ...{ tracking_number, tracking_url, status },
    substatus: null,
  });
});
