import { z } from 'zod';
import { idOf } from './ids.ts';
import type { Item } from './listings.ts';
import { LOCATION_ADDRESS, LOCATION_ID, LOCATION_NAME, SINCE } from './location.ts';
import { type AddRoute, type RestParts, readJson, unprocessable } from './rest-api.ts';
import { levelId } from './stock-resolvers.ts';

const MAX_QUANTITY = 1_000_000_000;

const id = z.union([z.int(), z.string()]).transform(String);
const update = z.object({
  inventory_item_id: id,
  location_id: id,
  available: z.int().min(-MAX_QUANTITY).max(MAX_QUANTITY),
});

function restLevel(item: Item) {
  return {
    inventory_item_id: idOf('item', item.sequence),
    location_id: Number(LOCATION_ID),
    available: item.listing.quantity,
    updated_at: SINCE,
    admin_graphql_api_id: levelId(item),
  };
}

/** The shop, its location and its stock by REST. */
export function addRestStockRoutes(route: AddRoute, { books, listings, onStockSet }: RestParts): void {
  route('GET', 'shop.json', [], (c) => {
    const { shop } = c.get('caller');
    const { id: shopId, name, sellerId, currency } = shop;
    return c.json({
      shop: {
        id: shopId,
        name,
        domain: sellerId,
        myshopify_domain: sellerId,
        email: `owner@${sellerId}`,
        shop_owner: 'Sandbox owner',
        currency,
        country_code: LOCATION_ADDRESS.countryCode,
        iana_timezone: 'Etc/UTC',
        plan_name: 'partner_test',
        primary_location_id: Number(LOCATION_ID),
        created_at: SINCE,
        updated_at: SINCE,
      },
    });
  });
  route('GET', 'locations.json', ['read_locations'], (c) => {
    const { countryCode, ...address } = LOCATION_ADDRESS;
    const location = { ...address, id: Number(LOCATION_ID), name: LOCATION_NAME, country_code: countryCode };
    return c.json({ locations: [{ ...location, active: true, legacy: false, created_at: SINCE, updated_at: SINCE }] });
  });
  route('GET', 'inventory_levels.json', ['read_inventory'], (c) => {
    const { inventory_item_ids, location_ids } = c.req.query();
    if (!inventory_item_ids && !location_ids) {
      return unprocessable(c, ['inventory_item_ids or location_ids must be present']);
    }
    const wanted = inventory_item_ids?.split(',');
    const isHere = !location_ids || location_ids.split(',').includes(LOCATION_ID);
    const items = listings
      .of(books, c.get('caller').shop.sellerId)
      .filter(({ sequence }) => isHere && (!wanted || wanted.includes(String(idOf('item', sequence)))));
    return c.json({ inventory_levels: items.map(restLevel) });
  });
  route('POST', 'inventory_levels/set.json', ['write_inventory'], async (c) => {
    const body = update.safeParse(await readJson(c));
    if (!body.success) return unprocessable(c, { [String(body.error.issues[0]?.path[0])]: ['is invalid'] });
    const { inventory_item_id, location_id, available } = body.data;
    const shopId = c.get('caller').shop.sellerId;
    const item = listings.find(books, shopId, 'item', inventory_item_id);
    if (!item || location_id !== LOCATION_ID) return c.json({ errors: 'Not Found' }, 404);
    books.setStock(shopId, item.listing.sku, available);
    onStockSet(item);
    return c.json({ inventory_level: restLevel(item) });
  });
}
