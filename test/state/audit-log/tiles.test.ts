import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  decodeBundle,
  encodeBundle,
  encodeIndex,
  parseTilePath,
  tilePath,
  tilesOf,
} from '#platform/state/audit-log/tiles.ts';

test('paths are those that C2SP tlog-tiles shows', () => {
  assert.equal(encodeIndex(1_234_067), 'x001/x234/067');
  assert.equal(tilePath({ level: 0, index: 0, width: 256 }), 'tile/0/000');
  assert.equal(tilePath({ level: 2, index: 1000, width: 1 }), 'tile/2/x001/000.p/1');
  assert.equal(tilePath({ level: 'entries', index: 273, width: 112 }), 'tile/entries/273.p/112');
});

test('a tree of 70,000 leaves has the tiles that C2SP tlog-tiles lists', () => {
  const widths = (level: number | 'entries') => [...tilesOf(70_000, level)].map(({ width }) => width);
  assert.deepEqual([widths(0).length, widths(0).at(-1)], [274, 112]);
  assert.deepEqual([widths('entries').length, widths('entries').at(-1)], [274, 112]);
  assert.deepEqual(widths(1), [256, 17]);
  assert.deepEqual(widths(2), [1]);
  assert.deepEqual([...tilesOf(256, 1)], [{ level: 1, index: 0, width: 1 }]);
  assert.deepEqual([...tilesOf(0, 0)], []);
});

test('a path parses to the tile that it was written for', () => {
  const level = fc.oneof(fc.constant('entries' as const), fc.integer({ min: 0, max: 63 }));
  const name = fc.record({ level, index: fc.maxSafeNat(), width: fc.integer({ min: 1, max: 256 }) });
  fc.assert(fc.property(name, (name) => assert.deepEqual(parseTilePath(tilePath(name)), { ...name })));
});

test('a path that is not written as the specification writes it names no tile', () => {
  const wrong = [
    '0/00',
    '0/0000',
    '00/000',
    '64/000',
    '0/x000/001',
    '0/001/002',
    '0/000.p/0',
    '0/000.p/256',
    '0/000.p/01',
  ];
  for (const path of [...wrong, '-1/000', '0/000/', 'data/000', '0/../checkpoint', 'entries/000.p/']) {
    assert.equal(parseTilePath(`tile/${path}`), undefined, path);
  }
});

test('a bundle gives back its entries, and one that ends early is refused', () => {
  const entries = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 });
  fc.assert(
    fc.property(entries, (entries) => {
      const bundle = encodeBundle(entries);
      assert.deepEqual(
        decodeBundle(bundle).map((entry) => [...entry]),
        entries.map((entry) => [...entry]),
      );
      if (bundle.length > 0) assert.throws(() => decodeBundle(bundle.subarray(0, -1)), { code: 'audit-log-damaged' });
    }),
  );
  assert.deepEqual([...encodeBundle([Buffer.from('ab'), Buffer.alloc(0)])], [0, 2, 97, 98, 0, 0]);
});
