// Ids of as many digits as in Mercado Libre's published examples. All are JSON numbers, so they stay below 2^53.
const FIRST_ORDER_ID = 2_000_009_713_000_000;
const FIRST_PACK_ID = 2_000_006_556_000_000;
const FIRST_SHIPMENT_ID = 44_028_000_000;
const FIRST_PAYMENT_ID = 91_776_000_000;
const FIRST_BUYER_ID = 642_700_000;

const numberOf = (orderId: string): number => Number(orderId) - FIRST_ORDER_ID;

/** The id of the n-th order, from 1. */
export function orderIdOf(sequence: number): string {
  return String(FIRST_ORDER_ID + sequence);
}

/** The order's pack. Every order here is the only one of its pack, has one shipment and one payment. */
export const packIdOf = (orderId: string): number => FIRST_PACK_ID + numberOf(orderId);
export const shipmentIdOf = (orderId: string): number => FIRST_SHIPMENT_ID + numberOf(orderId);
export const paymentIdOf = (orderId: string): number => FIRST_PAYMENT_ID + numberOf(orderId);
export const buyerIdOf = (orderId: string): number => FIRST_BUYER_ID + numberOf(orderId);

/** The order that a pack or a shipment speaks of. */
export const orderIdOfPack = (packId: string): string => orderIdOf(Number(packId) - FIRST_PACK_ID);
export const orderIdOfShipment = (shipmentId: string): string => orderIdOf(Number(shipmentId) - FIRST_SHIPMENT_ID);
