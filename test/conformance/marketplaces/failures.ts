import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import type { OrderPage } from '#marketplaces/marketplace.ts';
import type { Fault } from '#marketplaces/sandbox-kit/faults.ts';
import { Failure, type FailureKind } from '#platform/runtime/failure.ts';
import type { HttpResponse } from '#platform/runtime/http.ts';
import { unspeakable } from './authorization.ts';
import type { MarketplacePromises } from './marketplace-conformance.ts';
import { operations, REVERSED_WINDOW, refusedOperations } from './operations.ts';
import { failureOf, type Operation, openWorld, type World } from './world.ts';

/** What each trouble that a sandbox can make means, whichever call meets it. */
const MEANINGS: Partial<Record<Fault, FailureKind>> = {
  throttle: 'throttled',
  'server-error': 'retryable',
  'server-error-after-effect': 'retryable',
  truncate: 'retryable',
};

/** Pages of a proxy or a load balancer, and no page at all. */
const FOREIGN: readonly HttpResponse[] = [200, 500, 502, 503, 504].flatMap((status) =>
  ['', '<html><body>Bad gateway</body></html>', '{}', 'null', '[]', '{"orders":'].map((body) => ({
    status,
    headers: {},
    body,
  })),
);

/** What the connector makes of an answer: a failure, or undefined where it reads. */
function failureIn(world: World, operation: Operation, response: HttpResponse): Failure | undefined {
  try {
    world.read(response, operation.build().operation, operation.read);
    return undefined;
  } catch (thrown) {
    assert.ok(thrown instanceof Failure, `${operation.name}: something else than a Failure was thrown`);
    return thrown;
  }
}

const PLANT = 'Planted7Word';

/** The answer with a word planted into one of its strings after the other, or in place of the whole. */
function* planted({ body, headers }: HttpResponse): Generator<HttpResponse> {
  const bodies = [PLANT, `${body}${PLANT}`, `${body.slice(0, body.length / 2)}${PLANT}`, `"${PLANT}"`];
  const ends = [...body.matchAll(/(?<=")[^"\\]*"/g)].map((match) => match.index + match[0].length - 1);
  for (const at of ends) bodies.push(`${body.slice(0, at)} ${PLANT}${body.slice(at)}`);
  for (const status of [200, 400, 403, 500]) {
    for (const changed of bodies) yield { status, headers, body: changed };
  }
}

export const failurePromises: MarketplacePromises = {
  async 'a throttle is throttled, and a 500 and a truncated answer are retryable, whichever call meets them'({
    marketplace,
  }) {
    for (const [fault, kind] of Object.entries(MEANINGS)) {
      const world = await openWorld(marketplace);
      for (const { name, build, read } of await operations(world)) {
        const call = build();
        world.faults.next(fault as Fault, new URL(call.request.url).pathname);
        const failure = await failureOf(() => world.call(call, read));
        assert.equal(failure.kind, kind, `${fault} of ${name}`);
        if (kind === 'throttled') assert.ok(failure.retryAfterMs! > 0, `${name} is told how long to wait`);
      }
    }
  },

  async "an answer that is not the marketplace's own is retryable, whatever its status says"(world) {
    for (const operation of await operations(world)) {
      for (const response of FOREIGN) {
        const failure = failureIn(world, operation, response);
        assert.equal(failure?.kind, 'retryable', `${operation.name}: ${response.status} ${response.body}`);
      }
    }
  },

  async 'no failure says a secret or anything of a buyer'(world, { reversedWindow }) {
    for (const { name, build, read } of await refusedOperations(world)) {
      if (name === REVERSED_WINDOW && reversedWindow === 'empty') {
        const page = (await world.call(build(), read)) as OrderPage;
        assert.deepEqual([page.orders, page.orderIds, page.nextPageToken], [[], [], undefined]);
        continue;
      }
      const said = inspect(await failureOf(() => world.call(build(), read)), { depth: 9 });
      for (const word of unspeakable(world)) assert.ok(!said.includes(word), `${name} says ${word}`);
    }
  },

  async 'no failure says a word of the answer that it was read from'(world) {
    for (const operation of [...(await operations(world)), ...(await refusedOperations(world))]) {
      for (const response of planted(await world.send(operation.build()))) {
        const failure = failureIn(world, operation, response);
        assert.ok(!inspect(failure, { depth: 9 }).includes(PLANT), `${operation.name}: ${response.body.slice(0, 300)}`);
      }
    }
  },
};
