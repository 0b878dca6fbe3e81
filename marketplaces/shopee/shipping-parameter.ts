import { z } from 'zod';
import type { Shipment } from '#marketplaces/marketplace.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { digits, int64, readBody } from './body.ts';

const text = z.string().nullish();
/** What must be said of a way to ship; null for a way that there is not. */
const needed = z.array(z.string()).nullish();

const parameter = z.object({
  error: z.literal(''),
  response: z.object({
    info_needed: z.object({ non_integrated: needed, dropoff: needed, pickup: needed }),
    dropoff: z
      .object({
        branch_list: z.array(z.object({ branch_id: digits })).nullish(),
        slug_list: z.array(z.object({ slug: z.string() })).nullish(),
      })
      .nullish(),
    pickup: z
      .object({
        address_list: z
          .array(
            z.object({
              address_id: digits,
              address_flag: z.array(z.string()).nullish(),
              time_slot_list: z
                .array(z.object({ pickup_time_id: text, flags: z.array(z.string()).nullish() }))
                .nullish(),
            }),
          )
          .nullish(),
      })
      .nullish(),
  }),
});

type Parameter = z.infer<typeof parameter>['response'];

/**
 * How ship_order is told of the shipment, by what get_shipping_parameter allows: by the seller's own carrier where the
 * channel has none of Shopee's, then dropped off, then picked up. Undefined where only the seller can choose.
 */
export function wayToShip(response: HttpResponse, shipment: Shipment): Record<string, object> | undefined {
  const told = readBody(response, parameter).response;
  const { non_integrated, dropoff, pickup } = told.info_needed;
  const tracking = { tracking_number: shipment.trackingNumber };
  if (non_integrated) return { non_integrated: tracking };
  const dropped = dropoff && fill(dropoff, { ...tracking, tracking_no: shipment.trackingNumber, ...placeOf(told) });
  if (dropped) return { dropoff: dropped };
  const picked = pickup && fill(pickup, { ...tracking, ...pickupOf(told) });
  return picked ? { pickup: picked } : undefined;
}

/** The values that are asked for; undefined if one of them is not known. A way that asks for nothing gets an empty object. */
function fill(names: readonly string[], values: Record<string, unknown>): object | undefined {
  if (!names.every((name) => values[name] !== undefined)) return undefined;
  // What is asked for as `tracking_no` is sent under the name that ship_order has for it.
  return Object.fromEntries(names.map((name) => [name === 'tracking_no' ? 'tracking_number' : name, values[name]]));
}

/** Where to drop it off, if there is one place only. */
function placeOf({ dropoff }: Parameter): Record<string, unknown> {
  const [branch, ...branches] = dropoff?.branch_list ?? [];
  const [slug, ...slugs] = dropoff?.slug_list ?? [];
  return {
    branch_id: branch && branches.length === 0 ? int64(branch.branch_id) : undefined,
    slug: slug && slugs.length === 0 ? slug.slug : undefined,
  };
}

/** Where it is picked up, and at the first time that Shopee offers, or the one that it recommends. */
function pickupOf({ pickup }: Parameter): Record<string, unknown> {
  const addresses = pickup?.address_list ?? [];
  const flagged = (flag: string) => addresses.find(({ address_flag }) => address_flag?.includes(flag));
  const address = flagged('pickup_address') ?? flagged('default_address') ?? addresses[0];
  const slots = address?.time_slot_list ?? [];
  const slot = slots.find(({ flags }) => flags?.includes('recommended')) ?? slots[0];
  return {
    address_id: address && int64(address.address_id),
    pickup_time_id: slot?.pickup_time_id ?? undefined,
  };
}
