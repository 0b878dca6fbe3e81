import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createConnections } from '#platform/state/connections.ts';
import { createStateWorld } from '#test/support/state-world.ts';

const EBAY = { connectionId: 'ebay-1', marketplace: 'ebay', sellerId: 'anna', settings: {}, grant: 'seller' } as const;

test('a connection is found by its id and by its seller, at its own marketplace only', async () => {
  const connections = createConnections(createStateWorld());
  await connections.put(EBAY);
  await connections.put({ ...EBAY, connectionId: 'ebay-2', sellerId: 'anna#2' });
  assert.equal((await connections.get('ebay-1'))?.sellerId, 'anna');
  assert.equal((await connections.bySeller('ebay', 'anna'))?.connectionId, 'ebay-1');
  assert.equal(await connections.bySeller('shopee', 'anna'), undefined);
  assert.equal(await connections.bySeller('ebay', 'an'), undefined);
  assert.equal(await connections.get('ebay-3'), undefined);
});

test('every connection is listed once, however often it was connected', async () => {
  const connections = createConnections(createStateWorld());
  for (const connectionId of ['ebay-2', 'ebay-1', 'ebay-2']) await connections.put({ ...EBAY, connectionId });
  assert.deepEqual(
    (await connections.list()).map(({ connectionId }) => connectionId),
    ['ebay-1', 'ebay-2'],
  );
});

test('the first reason why a consent is needed stays, told or not, until the seller consents again', async () => {
  const connections = createConnections(createStateWorld());
  await connections.put(EBAY);
  assert.equal((await connections.needsConsent('ebay-1', 'refresh-answer-lost'))?.announced, false);
  await connections.announced('ebay-1');
  const again = await connections.needsConsent('ebay-1', 'grant-dead');
  assert.deepEqual([again?.statusReason, again?.announced], ['refresh-answer-lost', true]);
  await connections.put(EBAY);
  const { status, statusReason, announced } = (await connections.get('ebay-1'))!;
  assert.deepEqual([status, statusReason, announced], ['active', null, false]);
});

test('of several who find a grant dead at once, all see the same', async () => {
  const connections = createConnections(createStateWorld());
  await connections.put(EBAY);
  const seen = await Promise.all(['a', 'b', 'c'].map((reason) => connections.needsConsent('ebay-1', reason)));
  assert.equal(new Set(seen.map((connection) => connection?.statusReason)).size, 1);
});

test('a connection that is unknown needs no consent', async () => {
  const connections = createConnections(createStateWorld());
  assert.equal(await connections.needsConsent('nobody', 'grant-dead'), undefined);
  assert.equal(await connections.get('nobody'), undefined);
});

test('those who share a grant are found by it, until they have one of their own', async () => {
  const connections = createConnections(createStateWorld());
  const sharing = async (grantId: string) => (await connections.sharing(grantId)).map((each) => each.connectionId);
  await connections.put(EBAY);
  for (const connectionId of ['ebay-2', 'ebay-3']) await connections.put({ ...EBAY, connectionId, grantId: 'ebay-1' });
  assert.deepEqual(await sharing('ebay-1'), ['ebay-2', 'ebay-3']);
  await connections.put({ ...EBAY, connectionId: 'ebay-2' });
  await connections.put({ ...EBAY, connectionId: 'ebay-3', grantId: 'ebay-2' });
  assert.deepEqual([await sharing('ebay-1'), await sharing('ebay-2')], [[], ['ebay-3']]);
});

test('an older consent that is told late changes nothing', async () => {
  const connections = createConnections(createStateWorld());
  assert.equal(await connections.put({ ...EBAY, consentedAt: 2 }), true);
  await connections.needsConsent('ebay-1', 'grant-dead');
  assert.equal(await connections.put({ ...EBAY, consentedAt: 1 }), false);
  assert.equal((await connections.get('ebay-1'))?.status, 'needs-consent');
  assert.equal(await connections.put({ ...EBAY, consentedAt: 2 }), true);
  assert.equal((await connections.get('ebay-1'))?.status, 'active');
});
