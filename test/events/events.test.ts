import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { definitions, type EventType, parseEvent, readEvent } from '#events/index.ts';
import { deadLetterQueue, QUEUES, routes, schedules } from '#events/routes.ts';

const VECTORS = new URL('../vectors/events/', import.meta.url);
const TYPES = Object.keys(definitions) as EventType[];
const SECRET = 's3cr3t';

type Path = (string | number)[];

/** Every place in a JSON value, the value itself left out. */
function placesIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const place = [...path, Array.isArray(value) ? Number(key) : key];
    return [place, ...placesIn(inner, place)];
  });
}

function replaced(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by;
  const copy = structuredClone(value) as Record<string | number, unknown>;
  copy[key] = replaced(copy[key], rest, by);
  return copy;
}

test('every event’s example is an event', () => {
  for (const type of TYPES) {
    const { example, type: own } = definitions[type];
    assert.equal(own, type);
    assert.deepEqual(parseEvent(JSON.stringify(example)), example);
  }
});

test('every event that was ever in a queue or a log can still be read', () => {
  const files = readdirSync(VECTORS).map((name) => name.replace(/\.json$/, ''));
  assert.deepEqual(files.sort(), TYPES.toSorted());
  for (const type of files) {
    const versions = JSON.parse(readFileSync(new URL(`${type}.json`, VECTORS), 'utf8')) as Record<string, unknown>;
    for (const [version, event] of Object.entries(versions)) {
      assert.deepEqual(readEvent(event), event, `${type} ${version}`);
    }
  }
});

test('a field that this version does not know is left out, and does no harm', () => {
  for (const type of TYPES) {
    const { example } = definitions[type];
    const data = { ...example.data, added: { later: true } };
    assert.deepEqual(readEvent({ ...example, partitionkey: 'x', data }), example);
  }
});

test('every event goes to known queues, to each once, and every tick too', () => {
  assert.deepEqual(Object.keys(routes).sort(), TYPES.toSorted());
  for (const queues of Object.values(routes)) {
    assert.equal(new Set(queues).size, queues.length);
    for (const queue of queues) assert.ok(QUEUES.includes(queue), queue);
  }
  for (const { queue } of schedules) assert.ok(QUEUES.includes(queue), queue);
  const deadLetters = QUEUES.map(deadLetterQueue);
  assert.equal(new Set([...QUEUES, ...deadLetters]).size, 2 * QUEUES.length);
});

test('all that happens but a tick goes to the audit log', () => {
  const unaudited = TYPES.filter((type) => !routes[type].includes('audit'));
  assert.deepEqual(unaudited, ['schedule.elapsed']);
});

test('a value of a wrong type is refused by the name of its place, and is not quoted', () => {
  for (const type of TYPES) {
    const { example } = definitions[type];
    for (const place of placesIn(example)) {
      if (place[0] === 'type') continue;
      for (const wrong of [{ [SECRET]: SECRET }, [[SECRET]]]) {
        assert.throws(
          () => readEvent(replaced(example, place, wrong)),
          ({ message }: Error) =>
            message.includes(place.join('.')) && message.includes(type) && !message.includes(SECRET),
          `${type} ${place.join('.')}`,
        );
      }
    }
  }
});

test('a text of a wrong form is not quoted either', () => {
  for (const type of TYPES) {
    const { example } = definitions[type];
    for (const place of placesIn(example)) {
      try {
        readEvent(replaced(example, place, SECRET));
      } catch (error) {
        assert.ok(!(error as Error).message.includes(SECRET), (error as Error).message);
      }
    }
  }
});

test('a body of an unknown type, or none, is refused without being quoted', () => {
  const bodies = [
    SECRET,
    '',
    'null',
    `"${SECRET}"`,
    '[]',
    `{"type":"${SECRET}"}`,
    '{"type":"constructor"}',
    '{"type":1}',
  ];
  for (const body of bodies) {
    assert.throws(
      () => parseEvent(body),
      ({ message }: Error) => /^(not JSON|not an event of a known type)$/.test(message),
    );
  }
});

test('whatever a queue holds, it is an event or an error', () => {
  const { example } = definitions['order.changed'];
  const place = fc.constantFrom(...placesIn(example));
  fc.assert(
    fc.property(place, fc.jsonValue(), (place, value) => {
      try {
        const event = readEvent(replaced(example, place, value));
        assert.equal(event.type, 'order.changed');
      } catch (error) {
        assert.match((error as Error).message, /^(not an event of a known type|order\.changed does not match)/);
      }
    }),
  );
});
