import type { AuditResult } from './audit.ts';

export type DemoResult = {
  invoices: number;
  orders: { placed: number; stored: number; missing: number; stale: number };
  webhooks: { sent: number; accepted: number; refused: number; duplicates: number; lost: number };
  foundOnlyByPoll: number;
  calls: { made: number; throttled: number };
  orderEvents: { published: number; distinct: number; wrong: number };
  refreshes: number;
  audit: AuditResult;
  deadLetters: number;
  simulatedSeconds: number;
  seconds: number;
};

export type DemoReport = {
  result: DemoResult;
  byMarketplace: MarketplaceRow[];
  /** what was wrong, a line each */
  complaints: string[];
};

export type MarketplaceRow = {
  marketplace: string;
  orders: number;
  foundOnlyByPoll: number;
  calls: number;
  webhooks: number;
};

/** Is nothing missing, stale, wrong, throttled or dead, and does the audit log verify and know every call? */
export function isRight({ orders, calls, orderEvents, deadLetters, audit }: DemoResult): boolean {
  const isAudited = audit.verified && audit.calls === calls.made;
  return isAudited && orders.missing + orders.stale + calls.throttled + orderEvents.wrong + deadLetters === 0;
}

/** What speaks against the audit log, a line each. */
export function auditComplaints({ audit, calls }: DemoResult, problem: string | undefined): string[] {
  return [
    ...(problem === undefined ? [] : [`the audit log does not verify: ${problem}`]),
    ...(audit.calls === calls.made
      ? []
      : [`the audit log tells of ${audit.calls} calls, the marketplaces counted ${calls.made}`]),
  ];
}

export const sumOf = <Value>(values: readonly Value[], pick: (value: Value) => number): number =>
  values.reduce((total, value) => total + pick(value), 0);
