// Logging in, agreeing and refusing.

import assert from 'node:assert/strict';
import { BACK } from './relying_party.js';
import { CONSENT, visitBothWays } from './visitor.js';

visitBothWays('whoever logs in and agrees is back at the client with a code that is worth tokens', async ({ ann, shop }) => {
  const request = shop.asks();
  await ann.goesThrough(request);
  assert.ok((await shop.redeem(request)).id_token);
});

visitBothWays('whoever has agreed once is asked nothing the next time', async ({ ann, shop }) => {
  await ann.goesThrough(shop.asks());
  const again = shop.asks();
  await ann.opens(again.url);
  await ann.sees(BACK);
  assert.ok(shop.answer(again).code);
});

visitBothWays('whoever does not agree is back at the client, which gets nothing', async ({ ann, shop }) => {
  const request = shop.asks();
  await ann.opens(request.url);
  await ann.logsIn();
  await ann.sees(CONSENT);
  await ann.presses('Deny');
  await ann.sees(BACK);
  assert.equal(shop.answer(request).error, 'access_denied');
  assert.equal(shop.answer(request).code, undefined);
});

visitBothWays('whoever does not want to log in goes back without filling anything in', async ({ ann, shop }) => {
  const request = shop.asks();
  await ann.opens(request.url);
  await ann.sees('Log in');
  await ann.presses('Cancel');
  await ann.sees(BACK);
  assert.equal(shop.answer(request).error, 'access_denied');
});

visitBothWays('a wrong password is told, and the right one still serves', async ({ ann, shop }) => {
  const request = shop.asks();
  await ann.opens(request.url);
  await ann.logsIn('a wrong password');
  assert.equal(ann.status, 422);
  await ann.reads('The name or the password is wrong.');
  await ann.logsIn();
  await ann.sees(CONSENT);
});

visitBothWays('whoever does not want to be remembered is asked again', async ({ ann, shop }) => {
  await ann.opens(shop.asks().url);
  await ann.logsIn();
  await ann.sees(CONSENT);
  await ann.page.getByLabel('Do not ask me again for this app').uncheck();
  await ann.presses('Allow');
  await ann.sees(BACK);
  await ann.opens(shop.asks().url);
  await ann.sees(CONSENT);
});
