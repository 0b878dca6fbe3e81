import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWorld, type Json, MINUTE, SECOND } from './sandbox-world.ts';

const UK = 'A1F83G8C2ARO7P';
const JSON_TYPE = 'application/json; charset=UTF-8';
const FEEDS = '/feeds/2021-06-30/feeds';
const DOCUMENTS = '/feeds/2021-06-30/documents';
const PUBLIC_URL = 'http://127.0.0.1:4700/amazon';

const patch = (messageId: number, sku: string, quantity: unknown) => ({
  messageId,
  sku,
  operationType: 'PATCH',
  productType: 'PRODUCT',
  patches: [
    {
      op: 'replace',
      path: '/attributes/fulfillment_availability',
      value: [{ fulfillment_channel_code: 'DEFAULT', quantity }],
    },
  ],
});

/** A world with two offered SKUs and the steps of a feed. */
async function createFeedsWorld() {
  const all = createWorld();
  const { app, books, seller, call, accessToken } = all;
  for (const sku of ['A', 'B']) books.setStock(seller.sellerId, sku, 3);
  const access = await accessToken();
  const post = (path: string, body: Json) => call(path, access, { method: 'POST', body });
  const at = (url: string) => url.slice(PUBLIC_URL.length);
  const upload = (url: string, body: string, contentType = JSON_TYPE) =>
    app.request(at(url), { method: 'PUT', body, headers: { 'content-type': contentType } });
  const createDocument = async () => (await post(DOCUMENTS, { contentType: JSON_TYPE })).body;
  const feedOf = (inputFeedDocumentId: string) => ({
    feedType: 'JSON_LISTINGS_FEED',
    marketplaceIds: [UK],
    inputFeedDocumentId,
  });
  /** The id of a feed with this text. */
  async function submit(text: string): Promise<string> {
    const { feedDocumentId, url } = await createDocument();
    assert.equal((await upload(url, text)).status, 200);
    const { status, body } = await post(FEEDS, feedOf(feedDocumentId));
    assert.equal(status, 202);
    return body.feedId;
  }
  const submitMessages = (messages: Json[]) =>
    submit(JSON.stringify({ header: { sellerId: seller.sellerId, version: '2.0' }, messages }));
  const getFeed = async (feedId: string) => (await call(`${FEEDS}/${feedId}`, access)).body;
  async function report(feedId: string): Promise<Json> {
    const { resultFeedDocumentId } = await getFeed(feedId);
    const { url } = (await call(`${DOCUMENTS}/${resultFeedDocumentId}`, access)).body;
    return (await app.request(at(url))).json();
  }
  async function quantity(sku: string): Promise<number> {
    const query = `marketplaceIds=${UK}&includedData=fulfillmentAvailability`;
    const { body } = await call(`/listings/2021-08-01/items/${seller.sellerId}/${sku}?${query}`, await accessToken());
    return body.fulfillmentAvailability[0].quantity;
  }
  return {
    ...all,
    access,
    post,
    at,
    upload,
    createDocument,
    feedOf,
    submit,
    submitMessages,
    getFeed,
    report,
    quantity,
  };
}

test('a feed waits, is processed, tells what became of each message, and comes into force', async () => {
  const { submitMessages, getFeed, report, quantity, seller, world } = await createFeedsWorld();
  const attributes = { fulfillment_availability: [{ fulfillment_channel_code: 'DEFAULT', quantity: 8 }] };
  const feedId = await submitMessages([
    patch(1, 'A', 7),
    { messageId: 2, sku: 'B', operationType: 'PARTIAL_UPDATE', productType: 'PRODUCT', attributes },
    patch(3, 'A', -1),
    patch(4, 'unknown', 1),
    { messageId: 5, sku: 'A', operationType: 'DELETE' },
  ]);
  const queued = await getFeed(feedId);
  assert.deepEqual(queued, {
    feedId,
    feedType: 'JSON_LISTINGS_FEED',
    marketplaceIds: [UK],
    createdTime: '2026-11-24T06:00:00.000Z',
    processingStatus: 'IN_QUEUE',
  });
  world.now += 10 * SECOND;
  assert.equal((await getFeed(feedId)).processingStatus, 'IN_PROGRESS');
  world.now += 50 * SECOND;
  const done = await getFeed(feedId);
  assert.equal(done.processingStatus, 'DONE');
  assert.deepEqual(
    [done.processingStartTime, done.processingEndTime],
    ['2026-11-24T06:00:10.000Z', '2026-11-24T06:01:00.000Z'],
  );

  const { header, issues, summary } = await report(feedId);
  assert.deepEqual(header, { sellerId: seller.sellerId, version: '2.0', feedId });
  assert.deepEqual(
    issues.map((issue: Json) => [issue.messageId, issue.sku, issue.severity, issue.attributeName]),
    [
      [3, 'A', 'ERROR', 'fulfillment_availability'],
      [5, 'A', 'ERROR', 'operation_type'],
    ],
  );
  assert.deepEqual(summary, {
    errors: 2,
    warnings: 0,
    messagesProcessed: 5,
    messagesAccepted: 3,
    messagesInvalid: 2,
  });
  assert.equal(await quantity('A'), 3);
  world.now += MINUTE;
  assert.deepEqual([await quantity('A'), await quantity('B')], [7, 8]);
});

test('a feed that is late overrides what a call set meanwhile', async () => {
  const { submitMessages, call, access, seller, quantity, world } = await createFeedsWorld();
  await submitMessages([patch(1, 'A', 7)]);
  const { productType, patches } = patch(1, 'A', 9);
  const path = `/listings/2021-08-01/items/${seller.sellerId}/A?marketplaceIds=${UK}`;
  await call(path, access, { method: 'PATCH', body: { productType, patches } });
  world.now += MINUTE;
  assert.equal(await quantity('A'), 9);
  world.now += MINUTE;
  assert.equal(await quantity('A'), 7);
});

test('a feed that is no listings feed of the seller ends as FATAL, without a report', async () => {
  const { submit, submitMessages, getFeed, quantity, world } = await createFeedsWorld();
  const foreign = { header: { sellerId: 'A1SANDBOX0002', version: '2.0' }, messages: [patch(1, 'A', 7)] };
  const feedIds = [
    await submit('{"header":'),
    await submit(JSON.stringify(foreign)),
    await submitMessages([]),
    await submitMessages([patch(1, 'A', 7), patch(1, 'B', 7)]),
  ];
  world.now += 2 * MINUTE;
  for (const feedId of feedIds) {
    const { processingStatus, resultFeedDocumentId } = await getFeed(feedId);
    assert.deepEqual([processingStatus, resultFeedDocumentId], ['FATAL', undefined]);
  }
  assert.equal(await quantity('A'), 3);
});

test('a presigned URL is good for five minutes, its method and the content type it was made for', async () => {
  const { app, at, upload, createDocument, call, access, world } = await createFeedsWorld();
  const { feedDocumentId, url } = await createDocument();
  assert.equal((await upload(url, '{}', 'application/json')).status, 403);
  assert.equal((await upload(`${url}0`, '{}')).status, 403);
  assert.equal((await app.request(at(url))).status, 403);
  world.now += 5 * MINUTE - 1;
  assert.equal((await upload(url, '{}')).status, 200);
  world.now += 1;
  const late = await upload(url, '{}');
  assert.equal(late.status, 403);
  assert.match(await late.text(), /<Code>AccessDenied<\/Code>/);

  const download = (await call(`${DOCUMENTS}/${feedDocumentId}`, access)).body.url;
  const answer = await app.request(at(download));
  assert.deepEqual([await answer.text(), answer.headers.get('content-type')], ['{}', JSON_TYPE]);
  world.now += 5 * MINUTE;
  assert.equal((await app.request(at(download))).status, 403);
});

test('faults strike the document store in its own words', async () => {
  const { upload, createDocument, faults } = await createFeedsWorld();
  const { url } = await createDocument();
  faults.next('throttle', '/feed-documents');
  const slowDown = await upload(url, '{}');
  assert.deepEqual([slowDown.status, /<Code>SlowDown<\/Code>/.test(await slowDown.text())], [503, true]);
  faults.next('server-error', '/feed-documents');
  assert.equal((await upload(url, '{}')).status, 500);
  assert.equal((await upload(url, '{}')).status, 200);
});

test('a feed call that breaks a documented rule is refused, and a seller sees no feed of another', async () => {
  const { post, call, createDocument, upload, feedOf, submitMessages, accessToken, other } = await createFeedsWorld();
  const { feedDocumentId, url } = await createDocument();
  assert.equal((await post(FEEDS, feedOf(feedDocumentId))).status, 400, 'nothing was uploaded');
  await upload(url, '{}');
  const good = feedOf(feedDocumentId);
  const wrong: Json[] = [
    { ...good, feedType: 'POST_INVENTORY_AVAILABILITY_DATA' },
    { ...good, marketplaceIds: [] },
    { ...good, marketplaceIds: ['ATVPDKIKX0DER'] },
    { ...good, inputFeedDocumentId: 'unknown' },
  ];
  for (const body of wrong) {
    const answer = await post(FEEDS, body);
    assert.deepEqual([answer.status, answer.body.errors[0].code], [400, 'InvalidInput'], JSON.stringify(body));
  }
  assert.equal((await post(DOCUMENTS, {})).status, 400);

  const feedId = await submitMessages([patch(1, 'A', 7)]);
  const foreign = await accessToken(other);
  assert.equal((await call(`${FEEDS}/${feedId}`, foreign)).status, 404);
  assert.equal((await call(`${DOCUMENTS}/${feedDocumentId}`, foreign)).status, 404);
  assert.equal((await call(FEEDS, foreign, { method: 'POST', body: good })).status, 400);
});
