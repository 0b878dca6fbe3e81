import assert from 'node:assert/strict';
import type { MarketplacePromises } from './marketplace-conformance.ts';
import { operations } from './operations.ts';
import { failureOf, SECOND_MS } from './world.ts';

/** most calls that are sent at once to see that a limit's burst is allowed */
const BURST_CALLS = 100;
/** calls after the burst, one as soon as the limit gives its next place */
const STEADY_CALLS = 12;

export const limitPromises: MarketplacePromises = {
  async 'every call is counted against a limit, and every limit says where it comes from'(world) {
    for (const { name, build } of await operations(world)) {
      const limits = world.marketplace.limits.forOperation(build().operation);
      assert.ok(limits.length > 0, `${name} has a limit`);
      assert.equal(new Set(limits.map(({ bucket }) => bucket)).size, limits.length);
      for (const { ratePerSecond, burst, source } of limits) {
        assert.ok(ratePerSecond > 0 && burst >= 1 && /\w{3}/.test(source), `${name}: ${source}`);
      }
    }
  },

  async 'calls at the pace of the limits are never refused'(world) {
    const [page] = await operations(world);
    const { build, read } = page!;
    const limits = world.marketplace.limits.forOperation(build().operation);
    const burst = Math.min(BURST_CALLS, ...limits.map((limit) => Math.floor(limit.burst / (limit.cost ?? 1))));
    const everyMs = Math.max(
      ...limits.map(({ ratePerSecond, cost = 1 }) => Math.ceil((cost * SECOND_MS) / ratePerSecond)),
    );
    // What the world did to get here has used up some of the app's buckets, which nobody books for it.
    await world.advance(10 * SECOND_MS);
    for (let call = 0; call < burst; call++) await world.call(build(), read);
    for (let call = 0; call < STEADY_CALLS; call++) {
      await world.advance(everyMs);
      await world.call(build(), read);
    }
    assert.equal(world.sandbox.calls.throttled, 0);
  },

  async "what goes beyond the marketplace's limit is refused, read as throttled and counted"(world, { exhausting }) {
    const { operation, calls } = exhausting;
    const { build, read } = (await operations(world)).find(({ name }) => name === operation)!;
    await world.advance(10 * SECOND_MS);
    for (let call = exhausting.used ?? 0; call < calls; call++) await world.call(build(), read);
    const refused = build();
    const response = await world.send(refused);
    const failure = await failureOf(() => world.read(response, refused.operation, read));
    assert.equal(failure.kind, 'throttled');
    assert.ok(failure.retryAfterMs! > 0);
    assert.equal(world.sandbox.calls.throttled, 1);
    const buckets = world.marketplace.limits.forOperation(refused.operation).map(({ bucket }) => bucket);
    const learned = world.marketplace.limits.learn?.(response, refused.operation) ?? [];
    for (const { bucket } of learned) assert.ok(buckets.includes(bucket), `${bucket} is one of the call's buckets`);
  },
};
