// Creating an account on the way to a client.

import assert from 'node:assert/strict';
import { BACK } from './relying_party.js';
import { PASSWORD, logIn } from './signet.js';
import { CONSENT, visitBothWays } from './visitor.js';

const REGISTER = 'Create an account';
const NAME = 'Username (optional)';

let newcomers = 0;

/** An address that nobody has yet. */
const somebodyNew = () => `new.${(newcomers += 1)}@example.com`;

visitBothWays('whoever has no account creates one, and is logged in and on their way', async ({ ann, shop }) => {
  const [request, email] = [shop.asks(), somebodyNew()];
  await ann.opens(request.url);
  await ann.sees('Log in');
  await ann.follows('Create an account');
  await ann.sees(REGISTER);
  await ann.reads('to continue to Photo Album');
  await ann.fills('Email address', email);
  await ann.fills(NAME, `Somebody ${email.split('@')[0]}`);
  await ann.fills('Password', 'short');
  await ann.presses('Create account');
  await ann.sees(REGISTER);
  assert.equal(ann.status, 422);
  await ann.reads('A password has at least 8 characters.');
  await ann.finds('Email address', email);
  await ann.finds(NAME, `Somebody ${email.split('@')[0]}`);
  await ann.finds('Password', '');
  await ann.fills('Password', PASSWORD);
  await ann.presses('Create account');
  await ann.sees(CONSENT);
  await ann.reads(`You are logged in as ${email}.`);
  await ann.presses('Allow');
  await ann.sees(BACK);
  await shop.redeem(request);
  await logIn(email, PASSWORD);
});

visitBothWays('an address that somebody has is told, and leads to the login', async ({ ann, shop }) => {
  await ann.opens(shop.asks({ prompt: 'create' }).url);
  await ann.sees(REGISTER);
  await ann.fills('Email address', ann.email);
  await ann.fills('Password', PASSWORD);
  await ann.presses('Create account');
  await ann.sees(REGISTER);
  assert.equal(ann.status, 422);
  await ann.reads('There is an account with this address already.');
  await ann.finds('Email address', ann.email);
  await ann.follows('Log in');
  await ann.logsIn();
  await ann.sees(CONSENT);
});

// Initiating User Registration via OpenID Connect §4.
visitBothWays('a client that asks for a new account leads to its creation at once', async ({ ann, shop }) => {
  const [request, email] = [shop.asks({ prompt: 'create', login_hint: 'hint@example.com' }), somebodyNew()];
  await ann.opens(request.url);
  await ann.sees(REGISTER);
  await ann.finds('Email address', 'hint@example.com');
  await ann.fills('Email address', email);
  await ann.fills('Password', PASSWORD);
  await ann.presses('Create account');
  await ann.sees(CONSENT);
  await ann.presses('Allow');
  await ann.sees(BACK);
  await shop.redeem(request);
});

visitBothWays('whoever does not want an account goes back to the client', async ({ ann, shop }) => {
  const request = shop.asks({ prompt: 'create' });
  await ann.opens(request.url);
  await ann.sees(REGISTER);
  await ann.presses('Cancel');
  await ann.sees(BACK);
  assert.equal(shop.answer(request).error, 'access_denied');
});
