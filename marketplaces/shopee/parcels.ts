import type { Shipment } from '#marketplaces/marketplace.ts';
import type { OrderFacts, OrderItem, Parcel } from './order-shape.ts';
import { lineIdOf } from './read-order.ts';

/** Shopee Open Platform guide "v2.0 Data Definition", logistics status: nothing is sent any more */
const ENDED = ['LOGISTICS_INVALID', 'LOGISTICS_REQUEST_CANCELED', 'LOGISTICS_COD_REJECTED', 'LOGISTICS_LOST'];
/** the same: arranged with one of Shopee's carriers, under a number of Shopee's */
const ARRANGED = ['LOGISTICS_REQUEST_CREATED', 'LOGISTICS_PICKUP_RETRY'];
/** the same: gone, with whichever number */
const GONE = ['LOGISTICS_PICKUP_DONE', 'LOGISTICS_DELIVERY_DONE', 'LOGISTICS_DELIVERY_FAILED'];

export type Refusal = { code: string; message: string };
/** units by item and variation */
type Units = Map<string, number>;

export const isArranged = ({ logistics_status }: Parcel): boolean => ARRANGED.includes(logistics_status ?? '');
export const isGone = ({ logistics_status }: Parcel): boolean => GONE.includes(logistics_status ?? '');

/** The packages that hold exactly the units of a shipment; or why there are none. Shopee ships whole packages only. */
export function parcelsOf(order: OrderFacts, shipment: Shipment): Parcel[] | Refusal {
  const live = (order.package_list ?? []).filter(({ logistics_status }) => !ENDED.includes(logistics_status ?? ''));
  if (live.length === 0) return { code: 'nothing-to-ship', message: 'the order has no package that can be shipped' };
  if (shipment.lines.length === 0) return live;
  const wanted = unitsOf(order, shipment);
  if (!wanted) return { code: 'unknown-line', message: 'the order has no such line' };
  const found: Parcel[] = [];
  for (const parcel of live) {
    // Of the only package the order itself says what is left in it.
    const held = live.length === 1 ? unitsLeft(order) : unitsIn(parcel);
    if (![...held.keys()].some((item) => (wanted.get(item) ?? 0) > 0)) continue;
    for (const [item, quantity] of held) {
      const rest = (wanted.get(item) ?? 0) - quantity;
      if (rest < 0) {
        return { code: 'package-holds-more', message: 'a package holds units that are not in the shipment: split it' };
      }
      wanted.set(item, rest);
    }
    found.push(parcel);
  }
  if ([...wanted.values()].some((rest) => rest > 0)) {
    return { code: 'not-open', message: 'fewer units of the line are in packages' };
  }
  return found;
}

const itemKey = ({ item_id, model_id }: { item_id: string; model_id: string }): string => `${item_id}/${model_id}`;

function add(units: Units, item: string, quantity: number): void {
  units.set(item, (units.get(item) ?? 0) + quantity);
}

/** What a shipment holds; undefined where it names a line that the order does not have. */
function unitsOf({ item_list }: OrderFacts, { lines }: Shipment): Units | undefined {
  const items = new Map<string, OrderItem>(item_list.map((item) => [lineIdOf(item), item]));
  const units: Units = new Map();
  for (const { lineId, quantity } of lines) {
    const item = items.get(lineId);
    if (!item) return undefined;
    add(units, itemKey(item), quantity);
  }
  return units;
}

function unitsLeft({ item_list }: OrderFacts): Units {
  const units: Units = new Map();
  for (const item of item_list) {
    const left = Number(item.model_quantity_purchased) - Number(item.cancelled_qty ?? 0);
    if (left > 0) add(units, itemKey(item), left);
  }
  return units;
}

function unitsIn({ item_list }: Parcel): Units {
  const units: Units = new Map();
  for (const item of item_list ?? []) add(units, itemKey(item), Number(item.model_quantity));
  return units;
}
