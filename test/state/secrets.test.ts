import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import type { Secrets } from '#platform/engines/engine.ts';
import { silentLogger } from '#platform/runtime/logger.ts';
import { loadAuditSigner, loadEncryption, Registrations, registrationSecret } from '#platform/state/secrets.ts';
import { createStateWorld } from '#test/support/state-world.ts';

const MARKETPLACE = { name: 'plain', appSchema: z.object({ clientId: z.string(), clientSecret: z.string().min(1) }) };

function createWorld() {
  const { engine, random } = createStateWorld();
  return { secrets: engine.secrets, random };
}

/** What functions see of a marketplace's registration; undefined where it is not in use. */
const loadRegistration = async (secrets: Secrets, marketplace: typeof MARKETPLACE): Promise<unknown> => {
  const watching = { secrets, clock: { now: () => 0 }, logger: silentLogger };
  return (await Registrations.load(watching, [marketplace])).get(marketplace.name)?.app;
};

test('an installation’s first data key is made once, and what it wrote can be read after a restart', async () => {
  const world = createWorld();
  const [one, other] = await Promise.all([1, 2].map(() => loadEncryption(world, { createIfAbsent: true })));
  const sealed = one!.encrypt('a token', 'ebay-1');
  assert.equal(other!.decrypt(sealed, 'ebay-1'), 'a token');
  const later = await loadEncryption(world, { createIfAbsent: false });
  assert.equal(later.decrypt(sealed, 'ebay-1'), 'a token');
});

test('the audit log’s key is made once, and is the same after a restart', async () => {
  const world = createWorld();
  const made = await loadAuditSigner(world, { createIfAbsent: true });
  assert.equal((await loadAuditSigner(world, { createIfAbsent: false })).verifier.text, made.verifier.text);
});

test('who may not make a key is told which is missing, and what to do', async () => {
  const world = createWorld();
  await assert.rejects(loadEncryption(world, { createIfAbsent: false }), /sluice\/data-key is missing: create it/);
  await assert.rejects(loadAuditSigner(world, { createIfAbsent: false }), /sluice\/audit-key is missing: create it/);
});

test('a registration is read whole; a marketplace without one is not in use', async () => {
  const { secrets } = createWorld();
  assert.equal(await loadRegistration(secrets, MARKETPLACE), undefined);
  const app = { clientId: 'id', clientSecret: 's3cr3t' };
  await secrets.put(registrationSecret('plain'), JSON.stringify(app));
  assert.deepEqual(await loadRegistration(secrets, MARKETPLACE), app);
});

for (const [why, text, place] of [
  ['is not JSON', '{"clientSecret":"s3cr3t"', /is not JSON/],
  ['lacks a field', '{"clientSecret":"s3cr3t"}', /clientId/],
  ['holds an empty secret', '{"clientId":"s3cr3t","clientSecret":""}', /clientSecret/],
  ['is something else', '"s3cr3t"', /at it/],
] as const) {
  test(`a registration that ${why} is refused by the name of secret and field, never by a value`, async () => {
    const { secrets } = createWorld();
    await secrets.put(registrationSecret('plain'), text);
    await assert.rejects(loadRegistration(secrets, MARKETPLACE), ({ message }: Error) => {
      assert.match(message, /sluice\/registrations\/plain/);
      assert.match(message, place);
      assert.doesNotMatch(message, /s3cr3t/);
      return true;
    });
  });
}
