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
};
