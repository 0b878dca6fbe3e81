import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWorld, FIRST, type Json, SECOND } from './sandbox-world.ts';

const UPDATE = '/product/stock/sellable/update';
const ADJUST = '/product/stock/sellable/adjust';
const PRICE_QUANTITY = '/product/price_quantity/update';

const request = (...skus: string[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?><Request> <!-- stock --> <Product><Skus>${skus
    .map((sku) => `<Sku>${sku}</Sku>`)
    .join('\n')}</Skus></Product></Request>`;

async function stockWorld() {
  const { sandbox, seller } = createWorld();
  const { books } = sandbox;
  const { itemId, skuId } = books.listing(FIRST, 'A&B').reference;
  books.listing(FIRST, '71053');
  const foreign = books.listing(SECOND, 'A&B').reference;
  const { post } = await seller();
  const ids = `<ItemId>${itemId}</ItemId><SkuId>${skuId}</SkuId>`;
  return {
    books,
    foreign,
    ids,
    put: (path: string, payload: string): Promise<Json> => post(path, 'payload', payload),
    stockOf: (sku: string): number => books.listing(FIRST, sku).quantity,
  };
}

test('stock is set by the ids of a listing, by the seller’s SKU, or by both', async () => {
  const { put, stockOf, ids } = await stockWorld();
  const answer = await put(UPDATE, request(`${ids}<SellableQuantity>20</SellableQuantity>`));
  assert.deepEqual([answer.code, answer.data], ['0', {}]);
  assert.equal(stockOf('A&B'), 20);
  await put(UPDATE, request('<SellerSku>A&amp;B</SellerSku><SellableQuantity> 21 </SellableQuantity>'));
  assert.equal(stockOf('A&B'), 21);
  await put(UPDATE, request(`${ids}<SellerSku><![CDATA[A&B]]></SellerSku><SellableQuantity>22</SellableQuantity>`));
  assert.equal(stockOf('A&B'), 22);
});

test('stock is adjusted by a difference, down to none', async () => {
  const { put, stockOf, ids } = await stockWorld();
  await put(ADJUST, request(`${ids}<SellableQuantity>5</SellableQuantity>`));
  await put(ADJUST, request(`${ids}<SellableQuantity>-2</SellableQuantity>`));
  assert.equal(stockOf('A&B'), 3);
  const refused = await put(ADJUST, request(`${ids}<SellableQuantity>-4</SellableQuantity>`));
  assert.deepEqual([refused.code, refused.detail[0].message], ['501', 'Sellable inventory cannot be negative']);
  assert.equal(stockOf('A&B'), 3);
});

test('price and quantity may come together, and a price alone leaves the stock', async () => {
  const { put, stockOf, ids } = await stockWorld();
  await put(PRICE_QUANTITY, request(`${ids}<Price>1.50</Price><Quantity>7</Quantity>`));
  assert.equal(stockOf('A&B'), 7);
  assert.equal((await put(PRICE_QUANTITY, request(`${ids}<Price>1.40</Price>`))).code, '0');
  assert.equal(stockOf('A&B'), 7);
});

test('the one warehouse may be named, another is refused', async () => {
  const { put, stockOf, ids } = await stockWorld();
  const inWarehouse = (code: string): string =>
    request(
      `${ids}<MultiWarehouseInventories><MultiWarehouseInventory><WarehouseCode>${code}</WarehouseCode><SellableQuantity>4</SellableQuantity></MultiWarehouseInventory></MultiWarehouseInventories>`,
    );
  assert.equal((await put(UPDATE, inWarehouse('dropshipping'))).code, '0');
  assert.equal(stockOf('A&B'), 4);
  assert.equal((await put(UPDATE, inWarehouse('elsewhere'))).detail[0].field, 'WarehouseCode');
});

test('what is right in a request is done, and what is wrong is named', async () => {
  const { put, stockOf, ids, foreign } = await stockWorld();
  const answer = await put(
    UPDATE,
    request(
      `${ids}<SellableQuantity>9</SellableQuantity>`,
      `<SellerSku>none</SellerSku><SellableQuantity>1</SellableQuantity>`,
      `<ItemId>${foreign.itemId}</ItemId><SkuId>${foreign.skuId}</SkuId><SellerSku>A&amp;B</SellerSku><SellableQuantity>1</SellableQuantity>`,
      `${ids}<SellerSku>71053</SellerSku><SellableQuantity>1</SellableQuantity>`,
      `<ItemId>1</ItemId>${ids.slice(ids.indexOf('<SkuId>'))}<SellableQuantity>1</SellableQuantity>`,
      `<SellerSku>71053</SellerSku><SellableQuantity>-1</SellableQuantity>`,
      `<SellerSku>71053</SellerSku><SellableQuantity>1.5</SellableQuantity>`,
      `<SellerSku>71053</SellerSku>`,
    ),
  );
  assert.deepEqual([answer.code, answer.type, answer.message], ['501', 'ISP', 'E501: Update product failed']);
  assert.deepEqual(
    answer.detail.map(({ field, seller_sku: sku }: Json) => [field, sku]),
    [
      ['SellerSku', 'none'],
      ['SkuId', 'A&B'],
      ['SellerSku', '71053'],
      ['ItemId', undefined],
      ['SellableQuantity', '71053'],
      ['SellableQuantity', '71053'],
      ['SellableQuantity', '71053'],
    ],
  );
  assert.deepEqual([stockOf('A&B'), stockOf('71053')], [9, 0]);
});

test('a request without SKUs, with more than 50, or that is no XML changes nothing', async () => {
  const { put, stockOf, ids } = await stockWorld();
  const sku = `${ids}<SellableQuantity>9</SellableQuantity>`;
  for (const [payload, code] of [
    [request(), '30'],
    [request(...Array.from({ length: 51 }, () => sku)), '204'],
    ['{"Request":{}}', '5'],
    [request(sku).replace('</Skus>', ''), '5'],
    [`${request(sku)}<Request/>`, '5'],
    [request(sku).replaceAll('Request>', 'Order>'), '5'],
    ['', 'MissingParameter'],
  ] as const) {
    assert.equal((await put(UPDATE, payload)).code, code, payload.slice(0, 40));
  }
  assert.equal(stockOf('A&B'), 0);
  assert.equal((await put(UPDATE, request(...Array.from({ length: 50 }, () => sku)))).code, '0');
});
