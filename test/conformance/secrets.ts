import assert from 'node:assert/strict';
import type { EnginePromises } from './engine-conformance.ts';
import { SECRET } from './names.ts';

export const secretPromises: EnginePromises = {
  'a secret that was never put is not there': async ({ engine: { secrets } }) => {
    assert.equal(await secrets.get(SECRET), undefined);
  },

  'a secret is read as it was put last': async ({ engine: { secrets } }) => {
    for (const value of ['{"key":"a\\nb"}', 'Grüße 🔑\n"quoted"']) {
      await secrets.put(SECRET, value);
      assert.equal(await secrets.get(SECRET), value);
    }
    assert.equal(await secrets.get(`${SECRET}-2`), undefined);
  },

  'of several who create a secret at once, one does, and all read its value': async ({ engine: { secrets } }) => {
    const created = await Promise.all(['a', 'b', 'c'].map((value) => secrets.create(`${SECRET}-2`, value)));
    assert.equal(new Set(created).size, 1);
    assert.equal(await secrets.get(`${SECRET}-2`), created[0]);
    assert.equal(await secrets.create(`${SECRET}-2`, 'd'), created[0]);
  },
};
