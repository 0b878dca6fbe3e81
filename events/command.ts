import { z } from 'zod';
import { instant } from './envelope.ts';

/** most lines of one command, ours: what became of all of them must fit into one event and one record */
export const MAX_LINES = 200;
/** largest quantity, ours: more is a mistake, and marketplaces take no more than 32 bits */
const MAX_QUANTITY = 1_000_000_000;
/** longest text of the seller's or a marketplace's, characters; ids and names are shorter everywhere */
const MAX_TEXT = 200;
/** longest URL, characters */
const MAX_URL = 1_000;
/** most ids that name a listing; four is what any marketplace has */
const MAX_REFERENCE_IDS = 8;

const text = z.string().min(1).max(MAX_TEXT);

/** The seller's own name of a wish, printable ASCII: the same key again is the same wish, and is done once. */
export const idempotencyKey = z.string().regex(/^[\x21-\x7e]{1,200}$/);

/** `offerId` */
const ID_NAME = /^[a-z][A-Za-z]{0,49}$/;

const reference = z
  .record(z.string(), z.string().max(MAX_TEXT))
  .refine((ids) => {
    const names = Object.keys(ids);
    return names.length <= MAX_REFERENCE_IDS && names.every((name) => ID_NAME.test(name));
  }, `at most ${MAX_REFERENCE_IDS} ids with names such as offerId`)
  .meta({
    description: "the marketplace's own ids of the listing, by the names that it wants",
    maxProperties: MAX_REFERENCE_IDS,
    propertyNames: { type: 'string', pattern: ID_NAME.source },
  });

/** What the sellable stock of a SKU is to be, absolute. `reference`: the marketplace's own ids of the listing. */
export const stockWish = z.object({
  sku: text.describe("the seller's own SKU"),
  quantity: z.int().min(0).max(MAX_QUANTITY).describe('how many can be sold from now on'),
  reference: reference.default({}),
});

export const inventoryUpdateWish = z.object({
  connectionId: text,
  lines: z.array(stockWish).min(1).max(MAX_LINES),
});

export const shipmentLine = z.object({ lineId: text, quantity: z.int().min(1).max(MAX_QUANTITY) });

export const carrier = z.object({
  code: text.nullable().default(null).describe("the marketplace's own code of the carrier, where it has one"),
  name: text.describe('as people read it'),
});

/** That an order, or where `lines` are told a part of it, has left. It holds nothing of the buyer. */
export const shipmentConfirmationWish = z.object({
  connectionId: text,
  orderId: text,
  lines: z.array(shipmentLine).max(MAX_LINES).default([]),
  carrier,
  trackingNumber: text,
  trackingUrl: z
    .url({ protocol: /^https?$/ })
    .max(MAX_URL)
    .optional(),
  shippedAt: instant,
});

export type StockWish = z.infer<typeof stockWish>;
export type InventoryUpdateWish = z.infer<typeof inventoryUpdateWish>;
export type ShipmentConfirmationWish = z.infer<typeof shipmentConfirmationWish>;

/** What both answers begin with. `marketplace` is null where there is no such connection. */
export const answered = z.object({
  /** made from the idempotency key; the answer of a command is published once, under an id made from it */
  commandId: z.string(),
  idempotencyKey,
  connectionId: z.string(),
  marketplace: z.string().nullable(),
});

/**
 * What became of one line. `applied`: the marketplace shows this quantity, or will not change its mind about it;
 * `superseded`: a newer update of the same listing took its place before it was in force; `failed`: see `code`.
 */
export const lineAnswer = stockWish.extend({
  outcome: z.enum(['applied', 'superseded', 'failed']),
  code: z.string().nullable(),
  message: z.string().nullable(),
});

export const exampleAnswered = {
  commandId: '5f2d6f1f0a0b4c9e8d7c6b5a49382716',
  idempotencyKey: 'stock-2026-11-24-0001',
  connectionId: 'ebay-1',
  marketplace: 'ebay',
};
export const exampleStockWish: StockWish = { sku: '85123A', quantity: 12, reference: { offerId: '8209000001' } };
