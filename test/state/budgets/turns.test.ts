import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Bucket } from '#platform/state/budgets/budgets.ts';
import { play, type Seller } from '#test/bench/budgets/run.ts';

const RUN_MS = 300_000;
const app: Bucket = { key: 'app', ratePerSecond: 20, burst: 20, isShared: true };
const limits = new Map([['app', app]]);
const saturating = (group: string, more: Partial<Seller> = {}): Seller => ({
  group,
  buckets: [app],
  backlog: 2_000,
  isRefilled: true,
  ...more,
});
const run = (sellers: Seller[], forMs = RUN_MS) => play({ sellers, limits, forMs, seed: 'turns', warmUpMs: 60_000 });

test('sellers of one app take turns by weight', async () => {
  const { byGroup } = await run([saturating('one'), saturating('three', { weight: 3 })]);
  const ratio = byGroup.get('three')! / byGroup.get('one')!;
  assert.ok(ratio > 2.7 && ratio < 3.3, `${ratio}`);
});

test('beside a backfill live work has nearly all of a bucket, and the backfill still goes on', async () => {
  const { byGroup, calls } = await run([saturating('live'), saturating('backfill', { priority: 'backfill' })]);
  const ofLive = byGroup.get('live')! / calls;
  assert.ok(ofLive >= 0.85 && ofLive < 1, `${ofLive}`);
  assert.ok(byGroup.get('backfill')! > 0);
});

test('a backfill alone uses all of a bucket', async () => {
  const { calls } = await run([saturating('backfill', { priority: 'backfill' })]);
  assert.ok(calls >= 0.99 * app.ratePerSecond * (RUN_MS / 1_000), `${calls} calls`);
});

test('a seller with many waiting messages does not delay one who calls seldom', async () => {
  const quiet: Seller = { group: 'quiet', buckets: [app], backlog: 0, everyMs: 5_000 };
  const mean = ({ waits }: { waits: Map<string, number[]> }): number => {
    const all = waits.get('quiet')!;
    return all.reduce((sum, wait) => sum + wait, 0) / all.length;
  };
  const alone = mean(await run([quiet]));
  const beside = mean(await run([quiet, saturating('loud', { backlog: 50_000 })]));
  assert.ok(beside <= 2 * alone, `${beside} ms, alone ${alone} ms`);
});
