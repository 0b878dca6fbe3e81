import { z } from 'zod';
import { order } from '#events/order.ts';
import type { Inputs } from './conversations.ts';

const told = z
  .string()
  .min(1)
  .regex(/^(?!undefined$|null$|NaN$|\[object )/);
const instantMs = z.int().min(0);
const refusal = { code: told, message: told };

const buyer = z.strictObject({
  ...Object.fromEntries(
    ['name', 'email', 'phone', 'city', 'region', 'postalCode', 'countryCode'].map((field) => [
      field,
      z.string().nullable(),
    ]),
  ),
  addressLines: z.array(z.string()),
});

const readOrder = z.strictObject({
  order: order.extend({ orderId: told, lines: z.array(order.shape.lines.element.extend({ lineId: told })) }),
  buyer: buyer.nullable(),
  raw: z.unknown(),
  buyerAccounts: z.array(told).optional(),
  deliveredAt: instantMs.optional(),
});

const tokens = z.strictObject({
  accessToken: told,
  accessTokenExpiresAt: instantMs,
  refreshToken: told.optional(),
  refreshTokenExpiresAt: instantMs.optional(),
});

const outcomes = z.array(
  z.discriminatedUnion('outcome', [
    z.strictObject({ outcome: z.literal('applied') }),
    z.strictObject({ outcome: z.literal('accepted'), receipt: told }),
    z.strictObject({ outcome: z.literal('failed'), ...refusal }),
  ]),
);

/** What a read may come to, whatever the marketplace answered: whole by the contract, or a `Failure` in its place. */
export const wholeResults: { [Read in keyof Inputs]: z.ZodType } = {
  exchange: tokens,
  refresh: tokens,
  'app token': tokens,
  identify: z
    .array(
      z.strictObject({
        sellerId: told,
        settings: z.record(z.string(), told),
        consentEndsAt: instantMs.optional(),
      }),
    )
    .min(1),
  page: z.strictObject({ orders: z.array(readOrder), orderIds: z.array(told), nextPageToken: told.optional() }),
  details: z.array(readOrder),
  stock: outcomes,
  'stock check': outcomes,
  shipment: z.discriminatedUnion('outcome', [
    z.strictObject({ outcome: z.literal('confirmed'), packageId: told.nullable() }),
    z.strictObject({ outcome: z.literal('failed'), ...refusal }),
  ]),
  subscription: z.strictObject({ repaired: z.int().min(0) }),
  missed: z.array(
    z.strictObject({
      topic: told,
      sellerId: told.nullable(),
      deduplicationKey: told,
      orderIds: z.array(told),
      occurredAt: instantMs.optional(),
      erasure: z.unknown().optional(),
    }),
  ),
  'public key': told,
};
