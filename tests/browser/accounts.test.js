// Whose account it is to be.

import { BACK } from './relying_party.js';
import { register } from './signet.js';
import { CONSENT, visitBothWays } from './visitor.js';

const select = { prompt: 'select_account' };

visitBothWays('whoever is logged in goes on with the account that they have', async ({ ann, shop }) => {
  await ann.goesThrough(shop.asks());
  const request = shop.asks(select);
  await ann.opens(request.url);
  await ann.sees('Choose an account');
  await ann.presses(`Continue as ${ann.email}`);
  await ann.sees(BACK);
  await shop.redeem(request);
});

visitBothWays('or takes another one', async ({ ann, shop }) => {
  await ann.goesThrough(shop.asks());
  const request = shop.asks(select);
  await ann.opens(request.url);
  await ann.sees('Choose an account');
  await ann.presses('Use another account');
  ann.email = await register();
  await ann.logsIn();
  await ann.sees(CONSENT);
  await ann.reads(`You are logged in as ${ann.email}.`);
  await ann.presses('Allow');
  await ann.sees(BACK);
  await shop.redeem(request);
});

visitBothWays('whoever has to log in once more finds their name there already', async ({ ann, shop }) => {
  await ann.goesThrough(shop.asks());
  const request = shop.asks({ prompt: 'login' });
  await ann.opens(request.url);
  await ann.sees('Log in');
  await ann.reads('Please log in again to continue.');
  await ann.finds('Email address or username', ann.email);
  await ann.logsIn();
  await ann.sees(BACK);
  await shop.redeem(request);
});
