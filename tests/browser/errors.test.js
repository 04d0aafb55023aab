// What cannot go on, and pages that were answered already.

import assert from 'node:assert/strict';
import { issuer } from './signet.js';
import { CONSENT, visitBothWays } from './visitor.js';

visitBothWays('a request that cannot be trusted ends on a page', async ({ ann, shop }) => {
  for (const parameters of [{ client_id: 'nobody' }, { redirect_uri: `${shop.address}/elsewhere` }]) {
    await ann.opens(shop.asks(parameters).url);
    await ann.sees('This request cannot be accepted');
    assert.ok(ann.address.startsWith(issuer));
  }
  assert.deepEqual(shop.visits, []);
});

visitBothWays('a page that was answered already has expired', async ({ ann, shop }) => {
  await ann.opens(shop.asks().url);
  await ann.logsIn();
  await ann.sees(CONSENT);
  const page = ann.address;
  await ann.presses('Allow');
  await ann.opens(page);
  await ann.sees('This page has expired');
});
