import type { Inventory } from '#marketplaces/marketplace.ts';
import type { MercadolibreApp } from './app.ts';
import { setItemStock } from './item-stock.ts';
import { setWarehouseStock } from './warehouse-stock.ts';

/** most lines in one call, ours: an item has at most 250 variations, Variations, "Important" */
const BATCH = 250;

/** Stock stands at the item, at its variations, or, for sellers with warehouses, at the user product. */
export const inventory: Inventory<MercadolibreApp> = {
  references: {
    itemId: { required: true, description: "Mercado Libre's id of the item, `MLB1234567890`" },
    variationId: { required: false, description: 'id of the variation, where the item has some' },
    userProductId: {
      required: false,
      description: 'id of the user product, `MLBU123456789`: needed for a seller whose stock is in warehouses',
    },
    storeId: { required: false, description: 'id of the store whose stock it is, where the seller has several' },
  },
  batch: BATCH,

  /** The warehouses of one user product share a call, and so do the variations of one item. */
  batchKey: ({ reference: { itemId, variationId, userProductId } }) =>
    JSON.stringify(
      userProductId ? [itemId, variationId, userProductId] : [itemId, variationId ? 'variations' : 'item'],
    ),

  update(context, lines, answers) {
    return lines[0]?.reference.userProductId
      ? setWarehouseStock(context, lines, answers)
      : setItemStock(context, lines, answers);
  },
};
