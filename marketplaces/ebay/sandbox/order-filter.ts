import { badRequest, type EbayError, FULFILLMENT } from './answers.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** an order without a date filter must be this new: 90 days [eBay Fulfillment API, getOrders] */
const DEFAULT_LOOK_BACK_MS = 90 * DAY_MS;
/** no order older than 2 years is listed [eBay Fulfillment API, getOrders]; leap days are left out */
export const MAX_LOOK_BACK_MS = 2 * 365 * DAY_MS;

/** Both ends belong to the window; epoch ms. */
type Window = { from: number; to: number };

export type OrderFilter = {
  created: Window;
  modified: Window | undefined;
  /** orderFulfillmentStatus values; undefined: all */
  statuses: ReadonlySet<string> | undefined;
};

/** The two sets that eBay takes for `orderfulfillmentstatus`, sorted. */
const STATUS_SETS = ['IN_PROGRESS|NOT_STARTED', 'FULFILLED|IN_PROGRESS'];

const refusal = (errorId: number, message: string): EbayError => badRequest(FULFILLMENT, errorId, message);

/** Is it a refusal, not a reading? */
export function isRefusal<T extends object>(reading: T | EbayError): reading is EbayError {
  return 'errorId' in reading;
}

/** Reads getOrders' `filter`, `name:[from..to],name:{A|B}`. A creation window wins over a modification window. */
export function readFilter(text: string | undefined, now: number): OrderFilter | EbayError {
  const values = new Map<string, string>();
  for (const part of text ? text.split(',') : []) {
    const colon = part.indexOf(':');
    const name = colon < 0 ? part : part.slice(0, colon);
    if (!['creationdate', 'lastmodifieddate', 'orderfulfillmentstatus'].includes(name)) {
      return refusal(30700, 'There is no filter of this name.');
    }
    values.set(name, colon < 0 ? '' : part.slice(colon + 1));
  }

  const windows = new Map<string, Window>();
  for (const name of ['creationdate', 'lastmodifieddate']) {
    const value = values.get(name);
    if (value === undefined) continue;
    const window = readWindow(value, now);
    if (isRefusal(window)) return window;
    windows.set(name, window);
  }

  const status = values.get('orderfulfillmentstatus');
  const statuses = status === undefined ? undefined : /^\{([A-Z_|]+)\}$/.exec(status)?.[1]?.split('|').sort();
  if (status !== undefined && !STATUS_SETS.includes(statuses?.join('|') ?? '')) {
    return refusal(30800, 'This set of fulfillment statuses is not supported.');
  }

  const created = windows.get('creationdate');
  const modified = windows.get('lastmodifieddate');
  const oldest = now - MAX_LOOK_BACK_MS;
  return {
    created: created
      ? { from: Math.max(created.from, oldest), to: created.to }
      : { from: modified ? oldest : now - DEFAULT_LOOK_BACK_MS, to: now },
    modified: created ? undefined : modified,
    statuses: statuses && new Set(statuses),
  };
}

function readWindow(value: string, now: number): Window | EbayError {
  const bounds = /^\[(.*?)\.\.(.*)\]$/.exec(value);
  if (!bounds) return refusal(30800, 'A date filter must look like [from..to].');
  if (!bounds[1]) return refusal(30820, 'A date filter needs a start.');
  const from = readInstant(bounds[1]);
  const to = bounds[2] ? readInstant(bounds[2]) : now;
  if (from === undefined || to === undefined) return refusal(30810, 'A date must look like 2026-11-24T00:00:00.000Z.');
  if (from > now || to > now) return refusal(30850, 'A date lies in the future.');
  if (from > to) return refusal(30840, 'The start comes after the end.');
  if (to - from > MAX_LOOK_BACK_MS) return refusal(30830, 'The dates are more than two years apart.');
  return { from, to };
}

/** UTC with a Z, milliseconds optional; no 30th of February. */
function readInstant(text: string): number | undefined {
  const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{3})?Z$/.exec(text);
  const date = new Date(text);
  if (!parts || Number.isNaN(date.getTime())) return undefined;
  return date.toISOString() === `${parts[1]}${parts[2] ?? '.000'}Z` ? date.getTime() : undefined;
}
