import assert from 'node:assert/strict';
import type { LineOutcome, StockLine } from '#marketplaces/marketplace.ts';
import { Failure } from '#platform/runtime/failure.ts';
import type { MarketplacePromises } from './marketplace-conformance.ts';
import { runLosingEach, runProcedure } from './procedures.ts';
import { failureOf, type World } from './world.ts';

/** quantities that are set one after the other */
const QUANTITIES = [5, 0, 12];
/** more than one call takes, where it takes few */
const MANY = 30;
/** looks for a proof before it is given up; the sandboxes take no longer */
const MAX_LOOKS = 5;

/** Offers SKUs, and gives lines that set their stock. */
function offer(world: World, skus: readonly string[], sellerId = world.seller.sellerId): StockLine[] {
  return skus.map((sku) => {
    const { reference } = world.sandbox.books.listing(sellerId, sku);
    world.sandbox.books.setStock(sellerId, sku, 1_000);
    return { sku, quantity: 0, reference: { ...reference } };
  });
}

const stockOf = (world: World, sku: string, sellerId = world.seller.sellerId): number | undefined =>
  world.sandbox.books.listings.get(`${sellerId}/${sku}`)?.quantity;

/** As the pipeline does: lines that may share a call share it, as many as it takes, until each has an end. */
async function setStock(world: World, lines: readonly StockLine[]): Promise<LineOutcome[]> {
  const inventory = world.marketplace.inventory!;
  const found = new Map<StockLine, LineOutcome>();
  for (const batch of batchesOf(world, lines)) {
    const { result } = await runProcedure(world, (context, answers) => inventory.update(context, batch, answers));
    assert.equal(result.length, batch.length, 'one outcome a line');
    const outcomes = await proven(world, batch, result);
    for (const [index, line] of batch.entries()) found.set(line, outcomes[index]!);
  }
  return lines.map((line) => found.get(line)!);
}

function batchesOf({ marketplace }: World, lines: readonly StockLine[]): StockLine[][] {
  const { batch, batchKey } = marketplace.inventory!;
  return [...Map.groupBy(lines, batchKey).values()].flatMap((ofKey) =>
    Array.from({ length: Math.ceil(ofKey.length / batch) }, (_, i) => ofKey.slice(i * batch, (i + 1) * batch)),
  );
}

/** Looks for the proof of what was accepted, again and again. */
async function proven(world: World, lines: readonly StockLine[], told: LineOutcome[]): Promise<LineOutcome[]> {
  const { check } = world.marketplace.inventory!;
  const outcomes = [...told];
  for (let looks = 0; looks < MAX_LOOKS; looks++) {
    const open = lines.flatMap((line, index) => {
      const outcome = outcomes[index]!;
      return outcome.outcome === 'accepted' ? [{ ...line, receipt: outcome.receipt, index }] : [];
    });
    if (open.length === 0) break;
    assert.ok(check, 'what is accepted can be looked up');
    await world.advance(check.afterMs);
    const { result } = await runProcedure(world, (context, answers) => check.run(context, open, answers));
    for (const [i, { index }] of open.entries()) outcomes[index] = result[i]!;
  }
  return outcomes;
}

const applied = (lines: readonly StockLine[]): LineOutcome[] => lines.map(() => ({ outcome: 'applied' }));

/** Ids in the marketplace's own form that stand for nothing. */
const nobodys = (line: StockLine): StockLine => ({
  ...line,
  sku: `NOBODYS-${line.sku}`,
  reference: Object.fromEntries(Object.entries(line.reference).map(([name, id]) => [name, id.replace(/\d/g, '9')])),
});

export const inventoryPromises: MarketplacePromises = {
  async 'a listing is named by the references that the connector asks for'(world) {
    const { references, batch } = world.marketplace.inventory!;
    const [line] = offer(world, ['MUG']);
    for (const [name, { required, description }] of Object.entries(references)) {
      assert.ok(description.length > 0);
      if (required) assert.ok(line!.reference[name], `${name} is wanted, and the listing has none`);
    }
    for (const name of Object.keys(line!.reference)) assert.ok(Object.hasOwn(references, name), `${name} is unknown`);
    assert.ok(batch >= 1);
  },

  async 'a quantity that is applied is the one in the books, zero too, and to set it twice changes nothing'(world) {
    const [line] = offer(world, ['MUG']);
    for (const quantity of QUANTITIES) {
      for (let repeats = 0; repeats < 2; repeats++) {
        assert.deepEqual(await setStock(world, [{ ...line!, quantity }]), [{ outcome: 'applied' }]);
        assert.equal(stockOf(world, 'MUG'), quantity);
      }
    }
  },

  async 'many SKUs are set, each to its own quantity, in as few calls as they may share'(world) {
    const skus = Array.from({ length: MANY }, (_, i) => `${22400 + Math.floor(i / 3)}${'ABC'[i % 3]}`);
    const lines = offer(world, skus).map((line, index) => ({ ...line, quantity: index + 1 }));
    assert.deepEqual(await setStock(world, lines), applied(lines));
    assert.deepEqual(
      skus.map((sku) => stockOf(world, sku)),
      lines.map(({ quantity }) => quantity),
    );
  },

  async 'a listing of nobody, or of another seller, fails alone, and the others are set'(world) {
    const good = offer(world, ['85123A', '85123B']).map((line, index) => ({ ...line, quantity: index + 1 }));
    const [foreign] = offer(world, ['THEIRS'], world.otherSeller.sellerId);
    const bad = [nobodys(good[0]!), { ...foreign!, quantity: 7 }];
    const outcomes = await setStock(world, [good[0]!, ...bad, good[1]!]);
    assert.deepEqual([outcomes[0], outcomes[3]], applied(good));
    for (const outcome of outcomes.slice(1, 3)) {
      if (outcome.outcome === 'accepted') continue; // it never comes into force, and is given up
      assert.equal(outcome.outcome, 'failed');
      if (outcome.outcome === 'failed') assert.ok(outcome.code.length > 0 && outcome.message.length > 0);
    }
    assert.deepEqual(
      good.map(({ sku }) => stockOf(world, sku)),
      [1, 2],
    );
    assert.equal(stockOf(world, 'THEIRS', world.otherSeller.sellerId), 1_000);
    assert.equal(stockOf(world, 'THEIRS'), undefined);
  },

  async 'an answer that is lost costs nothing: the quantity is set by the next try'(world) {
    const { update } = world.marketplace.inventory!;
    let quantity = 0;
    const [line] = offer(world, ['MUG']);
    await runLosingEach(
      world,
      async () => {
        quantity += 1;
        const lines = [{ ...line!, quantity }];
        return (context, answers) => update(context, lines, answers);
      },
      async ([outcome]) => {
        assert.ok(outcome?.outcome === 'applied' || outcome?.outcome === 'accepted');
        if (outcome.outcome === 'accepted') await setStock(world, [{ ...line!, quantity }]);
        assert.equal(stockOf(world, 'MUG'), quantity);
      },
    );
    assert.ok(quantity >= 2);
  },

  async 'a 500 is retryable and a 429 throttled, and neither sets anything'(world) {
    const { update } = world.marketplace.inventory!;
    const [line] = offer(world, ['MUG']);
    const lines = [{ ...line!, quantity: 3 }];
    for (const [fault, kind] of [
      ['server-error', 'retryable'],
      ['throttle', 'throttled'],
    ] as const) {
      world.faults.next(fault);
      const failure = await failureOf(async () => {
        const step = update(world.context(), lines, []);
        if ('call' in step) await world.call(step.call, (response) => response);
      });
      assert.ok(failure instanceof Failure);
      assert.equal(failure.kind, kind);
      assert.equal(stockOf(world, 'MUG'), 1_000);
    }
    assert.deepEqual(await setStock(world, lines), applied(lines));
  },
};
