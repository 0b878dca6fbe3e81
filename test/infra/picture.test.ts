import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { withPicture } from '#infra/picture.ts';

test('the picture in docs/architecture.md is that of the topology: npm run topology draws it anew', () => {
  const document = readFileSync('docs/architecture.md', 'utf8');
  assert.equal(document, withPicture(document));
});
