import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shopee } from '#marketplaces/shopee/index.ts';
import { app } from './app.ts';

test('a registration without URLs means production and strict push signatures', () => {
  assert.equal(app.apiUrl, 'https://partner.shopeemobile.com');
  assert.equal(app.consentUrl, 'https://partner.shopeemobile.com/api/v2/shop/auth_partner');
  assert.equal(app.pushSignature, 'url-and-body');
});

for (const [name, change] of Object.entries({
  'an empty partner key': { partnerKey: '' },
  'no push key': { pushPartnerKeys: [] },
  'an empty push key': { pushPartnerKeys: ['key', ''] },
  'a partner id that is no number': { partnerId: 'partner' },
  'an API URL with a slash at its end': { apiUrl: 'https://partner.shopeemobile.com/' },
})) {
  test(`a registration with ${name} is refused`, () => {
    assert.equal(shopee.appSchema.safeParse({ ...app, ...change }).success, false);
  });
}
