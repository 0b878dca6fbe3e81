import assert from 'node:assert/strict';
import { load, testClient } from './client.ts';
import { createEbaySandbox } from './served-sandbox.ts';

const SCOPES = ['https://api.ebay.com/oauth/api_scope', 'https://api.ebay.com/oauth/api_scope/sell.fulfillment'];

testClient(
  {
    name: 'eBay: ebay-oauth-nodejs-client',
    packages: ['ebay-oauth-nodejs-client'],
    create: createEbaySandbox,
    hosts: ['api.ebay.com'],
  },
  async ({ app, consent }) => {
    const { default: EbayAuthToken } = await load('ebay-oauth-nodejs-client');
    const client = new EbayAuthToken({
      clientId: app.clientId,
      clientSecret: app.clientSecret,
      redirectUri: app.ruName,
    });

    return {
      async 'token exchange and refresh'() {
        const application = JSON.parse(await client.getApplicationToken('PRODUCTION'));
        assert.equal(application.token_type, 'Application Access Token');
        const page = new URL(client.generateUserAuthorizationUrl('PRODUCTION', SCOPES));
        const code = (await consent(page.pathname + page.search)).get('code');
        const tokens = JSON.parse(await client.exchangeCodeForAccessToken('PRODUCTION', encodeURIComponent(code!)));
        const refreshed = JSON.parse(await client.getAccessToken('PRODUCTION', tokens.refresh_token, SCOPES));
        assert.equal(refreshed.token_type, 'User Access Token');
        assert.notEqual(refreshed.access_token, tokens.access_token);
      },
    };
  },
);
