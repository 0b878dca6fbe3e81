import { z } from 'zod';
import { epochMs, keep, numericId } from './answer.ts';

const text = z.string().nullish();
const instant = z.string().refine((written) => epochMs.safeParse(written).success);
const place = z.object({ id: text, name: text }).nullish();

/**
 * What Sluice keeps of a shipment: only the fields named here, none of them personal. `mode`, `logistic_type` and
 * `site_id` are where an answer without `x-format-new` has what else is in `logistic` and `source`.
 */
export const shipmentFacts = z.object({
  id: numericId,
  status: z.string().min(1),
  substatus: text,
  last_updated: instant.nullish(),
  logistic: z.object({ mode: text, ...keep('type', 'direction') }).nullish(),
  mode: text,
  source: z.object({ site_id: text, ...keep('market_place') }).nullish(),
  site_id: text,
  tracking_number: text,
  tracking_method: text,
  status_history: z
    .object({ date_shipped: instant.nullish(), date_delivered: instant.nullish().catch(undefined) })
    .nullish()
    .catch(undefined),
  ...keep('date_created', 'logistic_type', 'order_id', 'service_id', 'declared_value', 'priority_class'),
});

const address = z.object({
  address_line: text,
  street_name: text,
  street_number: text.or(numericId),
  comment: text,
  zip_code: text.or(numericId),
  city: place,
  state: place,
  country: place,
  neighborhood: place,
});

/** A shipment as far as it is read, with who gets it. */
export const mercadolibreShipment = shipmentFacts.extend({
  destination: z.object({ receiver_name: text, receiver_phone: text, shipping_address: address.nullish() }).nullish(),
  receiver_address: address.extend({ receiver_name: text, receiver_phone: text }).nullish(),
});

export type ShipmentFacts = z.infer<typeof shipmentFacts>;
export type MercadolibreShipment = z.infer<typeof mercadolibreShipment>;

/** How it goes: `me2` by Mercado Envíos; `me1`, `custom` and `not_specified` by the seller's own carrier. */
export const modeOf = ({ logistic, mode }: ShipmentFacts): string | undefined => logistic?.mode ?? mode ?? undefined;

/** Has it left the seller's house, wherever it is now? */
export const isSent = ({ status }: ShipmentFacts): boolean =>
  ['shipped', 'delivered', 'not_delivered'].includes(status);
