/** what a way of shipping wants to be told */
export type Need = 'address_id' | 'pickup_time_id' | 'tracking_number';
export type Mode = 'pickup' | 'dropoff' | 'non_integrated';
/** A shop's logistics channel: the ways of shipping that it offers. */
export type Channel = Partial<Record<Mode, readonly Need[]>>;

/**
 * The first shop ships by a carrier of its own, whose tracking number it tells; the second has parcels fetched; the
 * third brings them somewhere with a number of its own; the fourth brings them somewhere and tells nothing; then again.
 */
const CHANNELS: readonly Channel[] = [
  { non_integrated: ['tracking_number'] },
  { pickup: ['address_id', 'pickup_time_id'] },
  { dropoff: ['tracking_number'] },
  { dropoff: [], pickup: ['address_id', 'pickup_time_id'] },
];

/** The channel of a shop, by its place among the shops, from 0. */
export function channelAt(index: number): Channel {
  return CHANNELS[index % CHANNELS.length]!;
}

/** The one address that every shop has parcels fetched from, and when. */
export const PICKUP_ADDRESS_ID = 234;
const DAY_SECONDS = 86_400;
const PICKUP_DAYS = 2;

/** The next days on which parcels are fetched; `pickup_time_id` is the day's own beginning. */
export function pickupSlots(nowSeconds: number): { date: number; pickup_time_id: string }[] {
  const today = Math.floor(nowSeconds / DAY_SECONDS) * DAY_SECONDS;
  return Array.from({ length: PICKUP_DAYS }, (_, index) => {
    const date = today + (index + 1) * DAY_SECONDS;
    return { date, pickup_time_id: `${date}_1` };
  });
}
