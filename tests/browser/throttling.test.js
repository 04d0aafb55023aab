// Too many tries.

import assert from 'node:assert/strict';
import { changeSettings, issuer } from './signet.js';
import { visit, visitBothWays } from './visitor.js';

visitBothWays('too many wrong passwords close the account to the right one for a while', async ({ ann, shop }) => {
  await changeSettings({ login_attempts: 2 });
  await ann.opens(shop.asks().url);
  await ann.logsIn('a wrong password');
  await ann.logsIn('another wrong password');
  await ann.logsIn();
  await ann.sees('Log in');
  await ann.reads('Too many attempts. Try again in 15 minutes.');
});

visit('an address that asks too much is told so on a page, wherever it asks', {}, async ({ ann, shop }) => {
  const usual = shop.asks({ prompt: 'none' }).url;
  await changeSettings({ address_requests_per_minute: 1 });
  await ann.opens(usual);
  for (const url of [usual, `${issuer}/set_password?token=x`]) {
    await ann.opens(url);
    assert.equal(ann.status, 429);
    await ann.sees('Too many attempts');
  }
  await changeSettings({ address_requests_per_minute: 1_000_000 });
});
