import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BASE_SCOPE, createWorld, errorIdOf, type Json } from './sandbox-world.ts';

const FIRST = 'sandboxuser0001';
const INVENTORY = '/sell/inventory/v1';

async function openStock() {
  const parts = createWorld();
  const token = await parts.sellerToken();
  const { books } = parts.sandbox;
  const offerOf = (sku: string, seller = FIRST): string => books.listing(seller, sku).reference.offerId!;
  const quantityOf = (sku: string): number => books.listing(FIRST, sku).quantity;
  const update = (requests: Json, withToken = token) =>
    parts.call(withToken, `${INVENTORY}/bulk_update_price_quantity`, { method: 'POST', body: { requests } });
  const mint = async (scope: string): Promise<string> => {
    const refresh_token = 'v^1.1#i^1#sandbox-refresh-1';
    const form = { grant_type: 'refresh_token', refresh_token, scope: `${BASE_SCOPE}/${scope}` };
    return (await parts.token(form)).body.access_token;
  };
  const read = (path: string) => parts.call(token, INVENTORY + path);
  return { ...parts, books, token, offerOf, quantityOf, update, read, mint };
}

/** Sets both quantities of one SKU. */
const both = (sku: string, offerId: string, quantity: number) => ({
  sku,
  shipToLocationAvailability: { quantity },
  offers: [{ offerId, availableQuantity: quantity }],
});

const linesOf = (answer: { body: Json }): Json[] =>
  answer.body.responses.map((line: Json) => [line.statusCode, line.offerId, line.errors[0]?.errorId]);

test('stock is set to what is told, and set again to the same it stays', async () => {
  const { offerOf, quantityOf, update } = await openStock();
  const offerId = offerOf('85123A');
  assert.match(offerId, /^\d{10}$/);
  for (let turn = 0; turn < 2; turn++) {
    const answer = await update([both('85123A', offerId, 12)]);
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.body.responses, [{ statusCode: 200, sku: '85123A', offerId, errors: [], warnings: [] }]);
    assert.equal(quantityOf('85123A'), 12);
  }
  assert.equal((await update([both('85123A', offerId, 0)])).status, 200);
  assert.equal(quantityOf('85123A'), 0);
});

test('what can be bought is the lesser of the total and the offer’s part', async () => {
  const { offerOf, quantityOf, update, read } = await openStock();
  const offerId = offerOf('85123A');
  await update([{ offers: [{ offerId, availableQuantity: 8 }] }]);
  assert.equal(quantityOf('85123A'), 8);
  const answer = await update([{ sku: '85123A', shipToLocationAvailability: { quantity: 5 } }]);
  assert.deepEqual(linesOf(answer), [[200, undefined, undefined]]);
  assert.equal(quantityOf('85123A'), 5);
  assert.equal((await read(`/offer/${offerId}`)).body.availableQuantity, 8);
  const item = (await read('/inventory_item/85123A')).body;
  assert.equal(item.availability.shipToLocationAvailability.quantity, 5);
});

test('one wrong line fails alone, inside a 207', async () => {
  const { offerOf, quantityOf, update } = await openStock();
  const good = offerOf('85123A');
  const other = offerOf('71053');
  const foreign = offerOf('85123A', 'sandboxuser0002');
  const answer = await update([
    both('85123A', good, 3),
    both('71053', other, -1),
    both('71053', good, 3),
    both('NONE', '8209999999', 3),
    { offers: [{ offerId: foreign, availableQuantity: 3 }] },
    { offers: [{ offerId: other }] },
    { shipToLocationAvailability: { quantity: 3 } },
    {
      sku: '71053',
      offers: [
        { offerId: other, availableQuantity: 4 },
        { offerId: other, availableQuantity: 5 },
      ],
    },
  ]);
  assert.equal(answer.status, 207);
  assert.deepEqual(linesOf(answer), [
    [200, good, undefined],
    [400, other, 25709],
    [400, good, 25709],
    [400, '8209999999', 25710],
    [400, foreign, 25713],
    [400, other, 25709],
    [400, undefined, 25702],
    [200, other, undefined],
    [400, other, 25709],
  ]);
  assert.deepEqual([quantityOf('85123A'), quantityOf('71053')], [3, 3], 'the lesser of 3 in all and 4 of the offer');
});

test('a call takes 25 lines, and a body that is none is refused whole', async () => {
  const { offerOf, update, quantityOf } = await openStock();
  const lines = Array.from({ length: 26 }, (_, index) => both(`S${index}`, offerOf(`S${index}`), 1));
  assert.equal((await update(lines.slice(0, 25))).status, 200);
  assert.equal(quantityOf('S24'), 1);
  const cases: Json[] = [lines, [], undefined, [{ offers: lines.map((line) => line.offers[0]) }], [{ sku: 1 }]];
  for (const requests of cases) {
    const answer = await update(requests);
    assert.deepEqual([answer.status, errorIdOf(answer)], [400, 25709]);
  }
});

test('a listing is revised 250 times a day', async () => {
  const { world, sellerToken, offerOf, quantityOf, update } = await openStock();
  const offerId = offerOf('85123A');
  const set = async (quantity: number, token?: string) =>
    linesOf(await update([{ offers: [{ offerId, availableQuantity: quantity }] }], token));
  for (let count = 1; count <= 250; count++) assert.equal((await set(count))[0][0], 200);
  assert.deepEqual(await set(251), [[400, offerId, 25002]]);
  assert.equal(quantityOf('85123A'), 250);
  world.now = Date.parse('2026-11-24T08:00:00.000Z'); // midnight Pacific
  const later = await set(251, await sellerToken());
  assert.deepEqual([later[0][0], quantityOf('85123A')], [200, 251]);
});

test('offers are found by their SKU, items are listed in pages, each seller sees only their own', async () => {
  const { offerOf, read } = await openStock();
  const offerId = offerOf('85123A');
  offerOf('71053');
  const foreign = offerOf('22423', 'sandboxuser0002');
  const found = (await read('/offer?sku=85123A')).body;
  assert.deepEqual([found.total, found.offers[0].offerId, found.offers[0].status], [1, offerId, 'PUBLISHED']);
  for (const path of ['/offer?sku=22423', `/offer/${foreign}`, '/offer/1']) {
    const answer = await read(path);
    assert.deepEqual([answer.status, errorIdOf(answer)], [404, 25713]);
  }
  assert.equal(errorIdOf(await read('/inventory_item/22423')), 25710);
  const page = (await read('/inventory_item?limit=1')).body;
  assert.deepEqual([page.total, page.size, page.inventoryItems[0].sku], [2, 1, '85123A']);
  const next = (await read(page.next.replace(`http://sandbox.test/ebay${INVENTORY}`, ''))).body;
  assert.deepEqual([next.inventoryItems[0].sku, next.next], ['71053', undefined]);
  assert.equal(errorIdOf(await read('/inventory_item?limit=201')), 25706);
});

test('a token without the inventory scope sees nothing, a read-only one changes nothing', async () => {
  const { call, offerOf, update, mint } = await openStock();
  const fulfillment = await mint('sell.fulfillment');
  assert.equal((await call(fulfillment, `${INVENTORY}/inventory_item`)).status, 403);
  const readonly = await mint('sell.inventory.readonly');
  assert.equal((await call(readonly, `${INVENTORY}/inventory_item`)).status, 200);
  const refused = await update([both('85123A', offerOf('85123A'), 1)], readonly);
  assert.deepEqual([refused.status, errorIdOf(refused)], [403, 1100]);
});

test('trouble is told in the words of the Inventory API, and calls are counted', async () => {
  const { faults, read, call, appToken } = await openStock();
  faults.next('server-error', '/inventory/');
  const broken = await read('/inventory_item');
  assert.deepEqual([broken.status, errorIdOf(broken)], [500, 25001]);
  await read('/inventory_item');
  const path = '/developer/analytics/v1_beta/rate_limit/?api_context=sell&api_name=inventory';
  const [rate] = (await call(await appToken(), path)).body.rateLimits[0].resources[0].rates;
  assert.deepEqual([rate.count, rate.limit], [1, 2_000_000]);
});
