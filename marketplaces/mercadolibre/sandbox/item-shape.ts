import type { BookListing } from '#marketplaces/sandbox-kit/books.ts';
import { SITE_ID } from './registration.ts';

/** what every item here costs, in reais: the books know prices of orders only */
const PRICE = 10;

const skuAttribute = ({ sku }: BookListing) => ({ id: 'SELLER_SKU', name: 'SKU', value_id: null, value_name: sku });

export function renderVariation(listing: BookListing) {
  return {
    id: Number(listing.reference.variationId),
    price: PRICE,
    attribute_combinations: [
      { id: 'COLOR', name: 'Cor', value_id: null, value_name: `Cor ${listing.reference.variationId}` },
    ],
    attributes: [skuAttribute(listing)],
    available_quantity: listing.quantity,
    sold_quantity: 0,
    seller_custom_field: null,
    picture_ids: [],
    user_product_id: null,
  };
}

/** An item as `/items/{id}` answers it to its seller. */
export function renderItem(sellerId: string, listings: readonly BookListing[]) {
  const first = listings[0]!;
  const { itemId, variationId, userProductId } = first.reference;
  const quantity = listings.reduce((sum, one) => sum + one.quantity, 0);
  return {
    id: itemId,
    site_id: SITE_ID,
    title: `Item ${first.sku}`,
    seller_id: Number(sellerId),
    category_id: `${SITE_ID}31447`,
    user_product_id: userProductId ?? null,
    price: PRICE,
    base_price: PRICE,
    original_price: null,
    currency_id: 'BRL',
    initial_quantity: quantity,
    available_quantity: quantity,
    sold_quantity: 0,
    buying_mode: 'buy_it_now',
    listing_type_id: 'gold_special',
    condition: 'new',
    // What has no stock is paused, and is active again as soon as it has some.
    status: quantity === 0 ? 'paused' : 'active',
    sub_status: quantity === 0 ? ['out_of_stock'] : [],
    permalink: `https://produto.mercadolivre.example/${itemId}`,
    seller_custom_field: null,
    attributes: variationId ? [] : [skuAttribute(first)],
    variations: variationId ? listings.map(renderVariation) : [],
    shipping: { mode: 'me1', free_shipping: false, local_pick_up: false, logistic_type: 'default', tags: [] },
    channels: ['marketplace'],
    tags: [],
  };
}
