import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readInvoices } from '#services/all-in-one/demo/invoices.ts';
import { runDemo } from '#services/all-in-one/demo/run.ts';

const INVOICES = readInvoices('data/online-retail-2011-11.jsonl.gz');
/** about the first day of trade */
const FEW = INVOICES.slice(0, 90);

const replay = (options: { faults: boolean; seed: string }) =>
  runDemo({ invoices: FEW, ...options, now: () => 0, onDay: () => {} });

test('the data that is shipped holds at least 2,000 invoices, cancellations among them', () => {
  assert.ok(INVOICES.length >= 2_000);
  assert.ok(INVOICES.some((invoice) => invoice.cancels));
});

test('with faults on, every order arrives once, complete and current, without a throttled call; twice the same way', async () => {
  const first = await replay({ faults: true, seed: 'other' });
  assert.deepEqual(first.complaints, []);
  const { orders, calls, orderEvents, deadLetters, webhooks, foundOnlyByPoll, audit } = first.result;
  assert.equal(orders.stored, orders.placed);
  assert.deepEqual(
    { missing: orders.missing, stale: orders.stale, throttled: calls.throttled, wrong: orderEvents.wrong, deadLetters },
    { missing: 0, stale: 0, throttled: 0, wrong: 0, deadLetters: 0 },
  );
  assert.equal(audit.verified, true);
  assert.equal(audit.calls, calls.made);
  // The faults were there: what was lost was found by the poll, what was doubled was dropped.
  assert.ok(webhooks.lost > 0 && webhooks.duplicates > 0 && foundOnlyByPoll > 0);

  const second = await replay({ faults: true, seed: 'other' });
  assert.deepEqual(second.result, first.result);
});
