import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';

/** One invoice of the data set, data/README.md. */
const invoice = z.object({
  id: z.string(),
  at: z.string(),
  country: z.string(),
  customer: z.union([z.string(), z.number()]).nullable(),
  lines: z.array(z.tuple([z.string(), z.string(), z.number(), z.number()])),
});

export type Invoice = {
  id: string;
  /** epoch ms */
  at: number;
  country: string;
  customer: string | null;
  /** is it a cancellation of an earlier one? */
  cancels: boolean;
  lines: { sku: string; title: string; quantity: number; unitPrice: string }[];
};

/**
 * The invoices of a `.jsonl.gz` file that a marketplace could have: stock write-offs and bad debts, which the data set
 * also books as invoices (no line with a quantity and a price), are left out.
 */
export function readInvoices(path: string): Invoice[] {
  const text = gunzipSync(readFileSync(path)).toString('utf8');
  const invoices: Invoice[] = [];
  for (const [index, line] of text.trimEnd().split('\n').entries()) {
    const result = invoice.safeParse(JSON.parse(line));
    if (!result.success) throw new Error(`${path}: line ${index + 1} is not an invoice, see data/README.md`);
    const { id, at, country, customer, lines } = result.data;
    const cancels = id.startsWith('C');
    const usable = lines
      .map(([sku, title, quantity, price]) => ({
        sku,
        title: title || sku,
        quantity: Math.abs(quantity),
        unitPrice: Math.max(0, price).toFixed(2),
        isSale: cancels || (quantity > 0 && price > 0),
      }))
      .filter((entry) => entry.isSale && entry.quantity > 0)
      .map(({ isSale, ...entry }) => entry);
    if (usable.length === 0) continue;
    invoices.push({
      id,
      at: Date.parse(at),
      country,
      customer: customer === null ? null : String(customer),
      cancels,
      lines: usable,
    });
  }
  return invoices;
}
