import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shopee } from '#marketplaces/shopee/index.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import readings from '#test/vectors/shopee/push-readings.json' with { type: 'json' };
import { answer, app } from './app.ts';
import { context, failureOf, replies, runSteps, success } from './support.ts';

const callbackUrl = app.webhookUrl;
const { subscribe, missed } = shopee.webhook;
const SETTINGS = {
  callback_url: callbackUrl,
  live_push_status: 'Normal',
  blocked_shop_id: [10010],
  push_config_on_list: [1, 2, 3, 4, 5, 12],
  push_config_off_list: [6, 7],
};

const subscribed = (change: object, set: HttpResponse = success({ result: 'success' })) =>
  runSteps(
    (answers) => subscribe!(context, { callbackUrl }, answers),
    replies({ getAppPushConfig: [success({ ...SETTINGS, ...change })], setAppPushConfig: [set] }),
  );

test('push settings that are in order are left alone', () => {
  for (const change of [{}, { live_push_status: 'Warning' }, { blocked_shop_id: null }]) {
    const { result, operations, requests } = subscribed(change);
    assert.deepEqual(result, { repaired: 0 });
    assert.deepEqual(operations, ['getAppPushConfig']);
    const url = new URL(requests[0]!.url);
    assert.equal(url.pathname, '/api/v2/push/get_app_push_config');
    assert.deepEqual([...url.searchParams.keys()], ['partner_id', 'timestamp', 'sign']);
  }
});

const BROKEN: [string, object, object][] = [
  ['another URL', { callback_url: 'https://other.example' }, { set_push_config_on: [2, 3, 4, 12] }],
  ['no URL', { callback_url: '' }, { set_push_config_on: [2, 3, 4, 12] }],
  ['a push that is off', { push_config_on_list: [2, 3] }, { set_push_config_on: [4, 12] }],
  ['no list of pushes', { push_config_on_list: null }, { set_push_config_on: [2, 3, 4, 12] }],
  ['suspended pushes', { live_push_status: 'Suspended' }, { set_push_config_on: [2, 3, 4, 12] }],
  [
    'this shop blocked',
    { blocked_shop_id: [10010, 14701711] },
    { set_push_config_on: [2, 3, 4, 12], blocked_shop_id_list: [10010] },
  ],
];
for (const [name, change, sent] of BROKEN) {
  test(`push settings with ${name} are repaired by one call`, () => {
    const { result, requests } = subscribed(change);
    assert.deepEqual(result, { repaired: 1 });
    assert.deepEqual(
      [requests[1]!.method, new URL(requests[1]!.url).pathname],
      ['POST', '/api/v2/push/set_app_push_config'],
    );
    assert.deepEqual(JSON.parse(requests[1]!.body!), { callback_url: callbackUrl, ...sent });
  });
}

test('push settings of another shape repair nothing by guess', () => {
  for (const told of ['{"error":""}', '{"error":"","response":{"push_config_on_list":"all"}}', '<html>']) {
    const run = () =>
      runSteps(
        (answers) => subscribe!(context, { callbackUrl }, answers),
        replies({ getAppPushConfig: [answer(told)] }),
      );
    assert.equal(failureOf(run).kind, 'retryable');
  }
});

const lost = (messages: unknown[], more: object = {}) =>
  success({ push_message_list: messages, has_next_page: false, last_message_id: 176610, ...more });
const listed = (told: HttpResponse, confirmed: HttpResponse = success()) =>
  runSteps(
    (answers) => missed!.list(context, answers),
    replies({ getLostPushMessage: [told], confirmConsumedLostPushMessage: [confirmed] }),
  );

test('lost pushes are read as they would have been on arrival, under the same key, and confirmed', () => {
  const known = readings.filter(({ reading }) => reading !== null);
  const messages = known.map(({ body }) => ({ shop_id: 14701711, code: 3, timestamp: 1764547200, data: body }));
  const { result, requests } = listed(lost(messages));
  assert.deepEqual(
    result,
    known.map(({ reading }) => ({ occurredAt: undefined, ...reading })),
  );
  assert.equal(new URL(requests[0]!.url).pathname, '/api/v2/push/get_lost_push_message');
  assert.equal(new URL(requests[1]!.url).pathname, '/api/v2/push/confirm_consumed_lost_push_message');
  assert.deepEqual(JSON.parse(requests[1]!.body!), { last_message_id: 176610 });
});

test('a lost push that stands in the list as an object is read too', () => {
  const { body } = readings[0]!;
  const { result } = listed(lost([{ data: JSON.parse(body) }]));
  assert.deepEqual(result[0]!.orderIds, ['220810QSU5CHW2']);
});

test('a lost push that can not be read holds up none of the others', () => {
  const [first] = readings;
  const unreadable = readings.filter(({ reading }) => reading === null);
  const { result } = listed(lost([...unreadable, first!].map(({ body }) => ({ data: body }))));
  assert.deepEqual(
    result.map(({ deduplicationKey }) => deduplicationKey),
    [first!.reading!.deduplicationKey],
  );
});

test('where nothing is lost, nothing is confirmed', () => {
  for (const told of [lost([], { last_message_id: 0 }), lost([], { push_message_list: null })]) {
    const { result, operations } = listed(told);
    assert.deepEqual([result, operations], [[], ['getLostPushMessage']]);
  }
});

test('a list that is not whole, or not confirmed, gives no readings', () => {
  const { body } = readings[0]!;
  const one = lost([{ data: body }]);
  assert.equal(failureOf(() => listed(answer(one.body.slice(0, 80)))).kind, 'retryable');
  assert.equal(failureOf(() => listed(lost([{ code: 3 }]))).kind, 'retryable');
  assert.equal(failureOf(() => listed(one, answer('<html>'))).kind, 'retryable');
});
