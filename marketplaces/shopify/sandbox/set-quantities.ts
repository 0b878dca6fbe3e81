import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import type { Call, CallResolvers } from './call.ts';
import { MAX_PAGE } from './connections.ts';
import { badRequest, FieldTrouble } from './graphql/errors.ts';
import type { Inputs } from './graphql/inputs.ts';
import { createAttempts } from './idempotency.ts';
import { gid, idIn } from './ids.ts';
import type { Item } from './listings.ts';
import { LOCATION_ID } from './location.ts';
import { isoTime, type OrderParts } from './order-state.ts';

/** from this version on, comparison and idempotency are not left to the caller [Shopify changelog, 12 December 2025] */
const STRICT_SINCE = '2026-04';
/** [Shopify GraphQL Admin API, InventorySetQuantitiesUserErrorCode] */
const MAX_QUANTITY = 1_000_000_000;

/** [Shopify GraphQL Admin API, inventory adjustment reasons] */
const REASONS = new Set([
  'correction',
  'cycle_count_available',
  'damaged',
  'movement_canceled',
  'movement_created',
  'movement_received',
  'movement_updated',
  'other',
  'promotion',
  'quality_control',
  'received',
  'reservation_created',
  'reservation_deleted',
  'reservation_updated',
  'restock',
  'safety_stock',
  'shrinkage',
]);

type Quantity = {
  inventoryItemId: string;
  locationId: string;
  quantity: number;
  changeFromQuantity?: number | null;
  compareQuantity?: number | null;
};
type Input = {
  name: string;
  reason: string;
  referenceDocumentUri?: string | null;
  quantities: Quantity[];
  ignoreCompareQuantity?: boolean;
};

type UserError = { code: string; field: string[]; message: string };
type Payload = { inventoryAdjustmentGroup: unknown; userErrors: UserError[] };

/** inventorySetQuantities, which sets all or nothing, once for each idempotency key. */
export function setQuantities(
  deps: Pick<SandboxDeps, 'now' | 'randomHex'>,
  parts: OrderParts & { onSet(item: Item): void },
): CallResolvers {
  const { books, listings } = parts;
  const attempts = createAttempts<Payload>(deps.now, (code, message) => ({
    inventoryAdjustmentGroup: null,
    userErrors: [{ code, field: ['idempotencyKey'], message }],
  }));

  function objections(input: Input, { shop, version }: Call): UserError[] {
    const errors: UserError[] = [];
    const object = (code: string, field: string[], message: string): void => void errors.push({ code, field, message });
    if (input.name !== 'available' && input.name !== 'on_hand') {
      object('INVALID_NAME', ['input', 'name'], "The quantity name must be either 'available' or 'on_hand'.");
    }
    if (!REASONS.has(input.reason)) object('INVALID_REASON', ['input', 'reason'], 'The specified reason is invalid.');
    if (input.referenceDocumentUri && !URL.canParse(input.referenceDocumentUri)) {
      const field = ['input', 'referenceDocumentUri'];
      object('INVALID_REFERENCE_DOCUMENT', field, 'The specified reference document is invalid.');
    }
    const pairs = new Set<string>();
    for (const [index, one] of input.quantities.entries()) {
      const place = (field: string): string[] => ['input', 'quantities', String(index), field];
      const pair = `${one.inventoryItemId} ${one.locationId}`;
      const item = listings.find(books, shop.sellerId, 'item', idIn('InventoryItem', one.inventoryItemId) ?? '');
      if (pairs.has(pair)) {
        const message = 'The combination of inventoryItemId and locationId must be unique.';
        object('NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR', place('inventoryItemId'), message);
      }
      pairs.add(pair);
      if (!item) {
        const message = 'The specified inventory item could not be found.';
        object('INVALID_INVENTORY_ITEM', place('inventoryItemId'), message);
      }
      if (idIn('Location', one.locationId) !== LOCATION_ID) {
        object('INVALID_LOCATION', place('locationId'), 'The specified location could not be found.');
      }
      if (one.quantity < 0) {
        object('INVALID_QUANTITY_NEGATIVE', place('quantity'), "The quantity can't be negative.");
      } else if (one.quantity > MAX_QUANTITY) {
        const message = "The total quantity can't be higher than 1,000,000,000.";
        object('INVALID_QUANTITY_TOO_HIGH', place('quantity'), message);
      }
      const stale = item && staleness(input, one, item.listing.quantity, version);
      if (stale) object(stale.code, place(stale.field), stale.message);
    }
    return errors;
  }

  function staleness(input: Input, one: Quantity, actual: number, version: string) {
    const { changeFromQuantity, compareQuantity } = one;
    if (typeof changeFromQuantity === 'number' && changeFromQuantity !== actual) {
      const message = 'The changeFromQuantity value does not match persisted value.';
      return { code: 'CHANGE_FROM_QUANTITY_STALE', field: 'changeFromQuantity', message };
    }
    if (version >= STRICT_SINCE || input.ignoreCompareQuantity || changeFromQuantity !== undefined) return undefined;
    const field = 'compareQuantity';
    if (typeof compareQuantity !== 'number') {
      const message =
        'The compareQuantity argument must be given to each quantity or ignored using ignoreCompareQuantity.';
      return { code: 'COMPARE_QUANTITY_REQUIRED', field, message };
    }
    if (compareQuantity === actual) return undefined;
    return {
      code: 'COMPARE_QUANTITY_STALE',
      field,
      message: 'The compareQuantity value does not match persisted value.',
    };
  }

  function apply(input: Input, { shop }: Call): Payload {
    const changes = input.quantities.map(({ inventoryItemId, quantity }) => {
      const item = listings.find(books, shop.sellerId, 'item', idIn('InventoryItem', inventoryItemId)!)!;
      const delta = quantity - item.listing.quantity;
      books.setStock(shop.sellerId, item.listing.sku, quantity);
      if (delta !== 0) parts.onSet(item);
      const change = { name: input.name, delta, quantityAfterChange: null, ledgerDocumentUri: null };
      return { ...change, item, location: LOCATION_ID };
    });
    const group = {
      id: gid('InventoryAdjustmentGroup', Number.parseInt(deps.randomHex(6), 16)),
      reason: input.reason,
      referenceDocumentUri: input.referenceDocumentUri ?? null,
      createdAt: isoTime(Math.floor(deps.now() / 1000) * 1000),
      changes: changes.filter(({ delta }) => delta !== 0),
    };
    return { inventoryAdjustmentGroup: group, userErrors: [] };
  }

  function attempt(input: Input, call: Call): Payload {
    const userErrors = objections(input, call);
    return userErrors.length > 0 ? { inventoryAdjustmentGroup: null, userErrors } : apply(input, call);
  }

  const Mutation: CallResolvers[string] = {
    inventorySetQuantities: (_: never, args: Inputs, call: Call, { directives }) => {
      const input = args.input as Input;
      const key = directives.get('idempotent')?.key as string | undefined;
      if (call.version >= STRICT_SINCE && key === undefined) {
        throw badRequest('The @idempotent directive is required for this mutation but was not provided.');
      }
      if (call.version >= STRICT_SINCE && input.quantities.some((one) => one.changeFromQuantity === undefined)) {
        const message = 'InventoryQuantityInput must include the following argument: changeFromQuantity.';
        throw new FieldTrouble(message, { code: 'INVALID_FIELD_ARGUMENTS' });
      }
      if (input.quantities.length > MAX_PAGE) {
        throw badRequest(
          `The input array size of ${input.quantities.length} is greater than the maximum allowed of ${MAX_PAGE}.`,
        );
      }
      if (key === undefined) return attempt(input, call);
      return attempts.once(`${call.shop.sellerId} ${key}`, input, () => attempt(input, call));
    },
  };

  const InventoryAdjustmentGroup: CallResolvers[string] = {
    changes: (group: { changes: { name: string }[] }, { quantityNames }) =>
      group.changes.filter(({ name }) => !quantityNames || (quantityNames as string[]).includes(name)),
  };
  return { Mutation, InventoryAdjustmentGroup };
}
