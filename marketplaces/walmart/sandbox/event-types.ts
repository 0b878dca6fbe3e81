/** When Walmart removes the events that ORDER_UPDATES replaces, 15 Dec 2026 [Walmart Marketplace announcements]. */
const LEGACY_REMOVED_AT = Date.parse('2026-12-15T00:00:00Z');

const LEGACY = new Set(['PO_CREATED', 'PO_LINE_AUTOCANCELLED', 'INTENT_TO_CANCEL']);

/** What can be subscribed to, by event type [Walmart Marketplace API, All event types]. Only order events are sent. */
const RESOURCES: Record<string, string> = {
  INVENTORY_OOS: 'INVENTORY',
  OFFER_PUBLISHED: 'ITEM',
  OFFER_UNPUBLISHED: 'ITEM',
  SELLER_PERFORMANCE_ALARMS: 'ITEMS',
  SELLER_PERFORMANCE_REPORT: 'ITEMS',
  DRIVER_STATUS: 'ORDER',
  INTENT_TO_CANCEL: 'ORDER',
  ORDER_UPDATES: 'ORDER',
  PO_CREATED: 'ORDER',
  PO_LINE_AUTOCANCELLED: 'ORDER',
  BUY_BOX_CHANGED: 'PRICE',
  REPORT_STATUS: 'REPORTS',
  RETURN_CREATED: 'ReturnsAndRefunds',
  RETURN_DELIVERED: 'ReturnsAndRefunds',
  RETURN_INVOICED: 'ReturnsAndRefunds',
};

/** The event types that exist at `now`. */
export function eventTypes(now: number): { resourceName: string; eventType: string; eventVersion: string }[] {
  return Object.entries(RESOURCES)
    .filter(([eventType]) => now < LEGACY_REMOVED_AT || !LEGACY.has(eventType))
    .map(([eventType, resourceName]) => ({ resourceName, eventType, eventVersion: 'V1' }));
}
