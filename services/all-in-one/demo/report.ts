import type { DemoReport, DemoResult } from './result.ts';

const DAY_SECONDS = 86_400;

/** The demo's result as a table for people. */
export function formatReport(result: DemoResult, byMarketplace: DemoReport['byMarketplace']): string {
  const { orders, webhooks, calls, orderEvents, audit } = result;
  const rows: [string, string][] = [
    ['invoices replayed', `${result.invoices} in ${(result.simulatedSeconds / DAY_SECONDS).toFixed(1)} simulated days`],
    ['orders placed / stored', `${orders.placed} / ${orders.stored}`],
    ['  missing, stale', `${orders.missing}, ${orders.stale}`],
    ['webhooks sent / accepted', `${webhooks.sent} / ${webhooks.accepted}`],
    ['  refused, repeated, lost', `${webhooks.refused}, ${webhooks.duplicates}, ${webhooks.lost}`],
    ['orders found only by poll', `${result.foundOnlyByPoll}`],
    ['marketplace calls / throttled', `${calls.made} / ${calls.throttled}`],
    ['order events / distinct', `${orderEvents.published} / ${orderEvents.distinct}`],
    ['  wrong', `${orderEvents.wrong}`],
    ['tokens refreshed', `${result.refreshes}`],
    [
      'audit entries',
      `${audit.entries}, ${audit.calls} of them calls; ${audit.verified ? 'verified' : 'NOT VERIFIED'}`,
    ],
    ['dead letters', `${result.deadLetters}`],
    ['time taken', `${result.seconds} s`],
  ];
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  const lines = rows.map(([name, value]) => `${name.padEnd(width)}${value}`);
  const columns = ['marketplace', 'orders', 'webhooks', 'calls', 'only by poll'];
  const table = byMarketplace.map((row) => [
    row.marketplace,
    row.orders,
    row.webhooks,
    row.calls,
    `${row.foundOnlyByPoll} (${((100 * row.foundOnlyByPoll) / Math.max(1, row.orders)).toFixed(1)} %)`,
  ]);
  const format = (cells: (string | number)[]): string =>
    cells.map((cell, index) => (index === 0 ? String(cell).padEnd(14) : String(cell).padStart(14))).join('');
  return `\n${lines.join('\n')}\n\n${format(columns)}\n${table.map(format).join('\n')}\n`;
}
