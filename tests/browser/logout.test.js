// Logging out, at the client's wish and at one's own.

import assert from 'node:assert/strict';
import { BACK, RelyingParty } from './relying_party.js';
import { issuer } from './signet.js';
import { CONSENT, visit, visitBothWays } from './visitor.js';

const logout = (parameters = {}) => `${issuer}/oauth2/logout?${new URLSearchParams(parameters)}`;

async function assertLoggedOut(ann, shop, expected) {
  const request = shop.asks({ prompt: 'none' });
  await ann.opens(request.url);
  await ann.sees(BACK);
  assert.equal(shop.answer(request).error, expected ? 'login_required' : undefined);
}

visitBothWays('whoever is asked may stay, or leave', async ({ ann, shop }) => {
  await ann.goesThrough(shop.asks());
  await ann.opens(logout());
  await ann.sees('Log out?');
  await ann.reads(`You are logged in as ${ann.email}.`);
  await ann.presses('Stay logged in');
  await assertLoggedOut(ann, shop, false);
  await ann.opens(logout());
  await ann.sees('Log out?');
  await ann.presses('Log out');
  await ann.sees('You are logged out');
  await assertLoggedOut(ann, shop, true);
});

visitBothWays('a client that shows its ID token logs out unasked and has its user back', async ({ ann, shop }) => {
  const request = shop.asks();
  await ann.goesThrough(request);
  const { id_token: hint } = await shop.redeem(request);
  const state = 'a state of "its" own & more';
  const uri = `${shop.address}/bye`;
  await ann.opens(logout({ id_token_hint: hint, post_logout_redirect_uri: uri, state }));
  await ann.sees(BACK);
  assert.deepEqual(shop.visits.at(-1), { method: 'GET', pathname: '/bye', state });
  await assertLoggedOut(ann, shop, true);
});

visitBothWays('nobody is sent to an address that is not registered', async ({ ann, shop }) => {
  const request = shop.asks();
  await ann.goesThrough(request);
  const { id_token: hint } = await shop.redeem(request);
  await ann.opens(logout({ id_token_hint: hint, post_logout_redirect_uri: `${shop.address}/elsewhere` }));
  await ann.sees('This request cannot be accepted');
  await assertLoggedOut(ann, shop, false);
});

// OpenID Connect Front-Channel Logout.
const frontChannel = { client: (address) => ({ frontchannel_logout_uri: `${address}/front?of=us` }) };

async function leavesTwoClients({ ann, shop }, goesOn) {
  const other = await RelyingParty.open(frontChannel.client);
  try {
    await ann.goesThrough(other.asks());
    const request = shop.asks();
    await ann.opens(request.url);
    await ann.sees(CONSENT);
    await ann.presses('Allow');
    await ann.sees(BACK);
    const { id_token: hint } = await shop.redeem(request);
    const [uri, state] = [`${shop.address}/bye`, 'a state & more'];
    await ann.opens(logout({ id_token_hint: hint, post_logout_redirect_uri: uri, state }));
    await goesOn();
    await ann.sees(BACK);
    const { sid } = JSON.parse(Buffer.from(hint.split('.')[1], 'base64url'));
    assert.ok(sid);
    const told = { method: 'GET', pathname: '/front', of: 'us', iss: issuer, sid };
    for (const client of [shop, other]) {
      assert.deepEqual(client.visits.filter(({ pathname }) => pathname === '/front'), [told]);
    }
    assert.deepEqual(shop.visits.at(-1), { method: 'GET', pathname: '/bye', state });
    await assertLoggedOut(ann, shop, true);
  } finally {
    await other.close();
  }
}

visit('all clients are told in frames before the browser goes on by itself', frontChannel, (all) =>
  leavesTwoClients(all, async () => {}));

visit('or by the link, without JavaScript', { ...frontChannel, javaScript: false }, (all) =>
  leavesTwoClients(all, async () => {
    await all.ann.sees('You are logged out');
    await all.ann.follows('Continue');
  }));
