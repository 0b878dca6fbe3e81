import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeMessage, encodeMessage } from '#platform/engines/aws/bodies.ts';
import type { Objects } from '#platform/engines/aws/objects.ts';
import { MAX_BODY_BYTES, type OutgoingMessage } from '#platform/engines/engine.ts';
import { seededRandom } from '#platform/runtime/random.ts';

const SQS_ACCEPTS = /^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]+$/u;
const source = async (): Promise<string> => 'nowhere';

function world() {
  const stored = new Map<string, Uint8Array>();
  const objects: Objects = {
    put: async (key, bytes) => void stored.set(key, bytes),
    get: async (key) => stored.get(key)!,
  };
  const place = { objects, source, random: seededRandom('bodies') };
  return {
    stored,
    async travel(message: OutgoingMessage) {
      const encoded = await encodeMessage(message, place);
      const { MessageBody, MessageAttributes } = encoded;
      return { encoded, received: await decodeMessage({ Body: MessageBody, MessageAttributes }, place) };
    },
  };
}

test('whatever a message holds, SQS accepts it, and it is received as it was sent', async () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('', '\ud800', '\uffff'),
  );
  const attributes = fc.dictionary(fc.stringMatching(/^[a-zA-Z]{1,10}$/), text, { maxKeys: 4 });
  await fc.assert(
    fc.asyncProperty(text, attributes, async (body, given) => {
      const { encoded, received } = await world().travel({ body, attributes: given });
      assert.equal(received.body, body);
      assert.deepEqual({ ...received.attributes }, { ...given });
      assert.match(encoded.MessageBody, SQS_ACCEPTS);
      assert.match(encoded.MessageAttributes?.sluice?.StringValue ?? 'none', /^[\x20-\x7e]+$/);
    }),
  );
});

test('a plain message has no attribute and its own size', async () => {
  const { encoded } = await world().travel({ body: 'é' });
  assert.deepEqual(encoded, { MessageBody: 'é', bytes: 2 });
});

test('a body that is too large with its attributes travels in an object', async () => {
  const { stored, travel } = world();
  const body = 'x'.repeat(MAX_BODY_BYTES);
  assert.equal((await travel({ body })).encoded.bytes, MAX_BODY_BYTES);
  assert.equal(stored.size, 0);
  const { encoded, received } = await travel({ body, attributes: { attempt: '2' } });
  assert.equal(stored.size, 1);
  assert.match(encoded.MessageBody, /^messages\/[0-9a-f]{32}$/);
  assert.ok(encoded.bytes < 200);
  assert.deepEqual(received, { body, attributes: { attempt: '2' } });
});

test('what others put into the queue is taken as it is', async () => {
  const place = { objects: { put: async () => {}, get: () => assert.fail('it asked for an object') }, source };
  const foreign = ['', 'text', '[1]', 'null', '{"$":"object"}', '{"$":"json"}', '{"a":1,"b":"c"}'];
  for (const StringValue of foreign) {
    const { body } = await decodeMessage(
      { Body: 'values/secret', MessageAttributes: { sluice: { StringValue } } },
      place,
    );
    assert.equal(body, 'values/secret');
  }
  assert.deepEqual(await decodeMessage({ Body: '{"a":1}' }, place), { body: '{"a":1}', attributes: {} });
});
