import { z } from 'zod';
import type { Call, CallContext } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { digits, readAnswer } from './answer.ts';
import type { LazadaApp } from './app.ts';
import { asCode, flag } from './refusals.ts';
import { sellerCall } from './request.ts';

/** the usual flow, in which the carrier brings the parcel: Pack, `delivery_type` */
const DELIVERY_TYPE = 'dropship';
/** packages in one call, ReadyToShip, `packages` */
export const MAX_PACKAGES = 20;

const itemOutcome = { item_err_code: z.string().min(1), retry: flag.nullish() };

const providers = z.object({
  shipping_allocate_type: z.string().min(1).nullish(),
  shipment_providers: z.array(z.object({ name: z.string().nullish(), provider_code: z.string().nullish() })).nullish(),
});
const packed = z.object({
  pack_order_list: z.array(
    z.object({
      order_item_list: z.array(z.object({ ...itemOutcome, order_item_id: digits, package_id: z.string().nullish() })),
    }),
  ),
});
const ready = z.object({ packages: z.array(z.object({ ...itemOutcome, package_id: z.string() })) });

/** Units of one order, by their ids. */
export type Parcel = { orderId: string; itemIds: readonly string[] };

export type Allocation = z.infer<typeof providers>;

// Ids are written as the numbers that they are for Lazada, digit by digit: through a float long ones would change.
const orderJson = ({ orderId, itemIds }: Parcel, itemsName: string): string =>
  `{"order_id":${orderId},"${itemsName}":[${itemIds.join(',')}]}`;

/** Who may carry the units: GetShipmentProvider. */
export function providersCall(context: CallContext<LazadaApp>, parcel: Parcel): Call {
  const parameters = { getShipmentProvidersReq: `{"orders":[${orderJson(parcel, 'order_item_ids')}]}` };
  return sellerCall(context, 'getShipmentProviders', {
    method: 'GET',
    path: '/order/shipment/providers/get',
    parameters,
  });
}

export function readProviders(response: HttpResponse): Allocation {
  return readResult(response, providers);
}

/** Makes the units a package: Pack. `providerCode` only where the seller chooses the carrier. */
export function packCall(
  context: CallContext<LazadaApp>,
  parcel: Parcel,
  { allocateType, providerCode }: { allocateType: string; providerCode: string | undefined },
): Call {
  const rest = JSON.stringify({
    delivery_type: DELIVERY_TYPE,
    shipping_allocate_type: allocateType,
    shipment_provider_code: providerCode,
  });
  const packReq = `{"pack_order_list":[${orderJson(parcel, 'order_item_list')}],${rest.slice(1)}`;
  return sellerCall(context, 'packOrder', { method: 'POST', path: '/order/fulfill/pack', parameters: { packReq } });
}

/** The packages that the units are in now, or the code that one of them was refused with. */
export function readPacked(response: HttpResponse, parcel: Parcel): { packageIds: string[] } | { refused: string } {
  const items = readResult(response, packed).pack_order_list.flatMap(({ order_item_list }) => order_item_list);
  const told = parcel.itemIds.map((id) => items.find(({ order_item_id }) => order_item_id === id));
  const refused = refusedOf(told);
  if (refused !== undefined) return { refused };
  const packageIds = told.flatMap((item) => item?.package_id || []);
  if (packageIds.length < parcel.itemIds.length) throw incomplete();
  return { packageIds };
}

/** Tells the carrier to fetch the packages: ReadyToShip. */
export function readyCall(context: CallContext<LazadaApp>, packageIds: readonly string[]): Call {
  const readyToShipReq = JSON.stringify({ packages: packageIds.map((package_id) => ({ package_id })) });
  const parameters = { readyToShipReq };
  return sellerCall(context, 'readyToShip', { method: 'POST', path: '/order/package/rts', parameters });
}

/** The code that one of the packages was refused with; undefined if all are on their way. */
export function readReady(response: HttpResponse, packageIds: readonly string[]): string | undefined {
  const { packages } = readResult(response, ready);
  return refusedOf(packageIds.map((id) => packages.find(({ package_id }) => package_id === id)));
}

function readResult<T>(response: HttpResponse, data: z.ZodType<T>): T {
  return readAnswer(response, z.object({ result: z.object({ data }) })).result.data;
}

/** Throws where Lazada itself says that trying again helps, or leaves out what was asked for. */
function refusedOf(told: readonly ({ item_err_code: string; retry?: boolean | null | undefined } | undefined)[]) {
  if (told.includes(undefined)) throw incomplete();
  const refused = told.filter((item) => item?.item_err_code !== '0');
  if (refused.some((item) => item?.retry)) {
    throw new Failure('retryable', 'Lazada refused a part of the shipment for now', { code: 'refused-for-now' });
  }
  return refused[0] && asCode(refused[0].item_err_code);
}

function incomplete(): Failure {
  return new Failure('retryable', 'Lazada’s answer leaves out a part of the shipment', { code: 'unreadable-answer' });
}
