// Every page in its usual states, as the documentation shows them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Device, NAME } from './device.js';
import { linkMailedTo } from './mailbox.js';
import { shown, take, taken } from './pictures.js';
import { BACK } from './relying_party.js';
import { changeSettings, giveTemporaryPassword, issuer, logIn, PASSWORD } from './signet.js';
import { CONSENT, visit } from './visitor.js';

visit('logging in', {}, async ({ ann, shop }) => {
  await changeSettings({ login_attempts: 1 });
  await ann.opens(shop.asks().url);
  await ann.shows('Log in', 'login');
  await ann.logsIn('a wrong password');
  await ann.shows('Log in', 'login-wrong');
  await ann.logsIn('another wrong password');
  await ann.shows('Log in', 'login-throttled');
  await changeSettings({ login_attempts: 10 });
});

visit('agreeing, choosing and leaving', {}, async ({ ann, shop }) => {
  await ann.opens(shop.asks().url);
  await ann.logsIn();
  await ann.shows(CONSENT, 'consent');
  await ann.presses('Allow');
  await ann.sees(BACK);
  await ann.opens(shop.asks({ prompt: 'select_account' }).url);
  await ann.shows('Choose an account', 'select-account');
  await ann.opens(`${issuer}/oauth2/logout`);
  await ann.shows('Log out?', 'logout');
  await ann.presses('Log out');
  await ann.shows('You are logged out', 'logout-done');
});

visit('registering', {}, async ({ ann, shop }) => {
  await ann.opens(shop.asks({ prompt: 'create' }).url);
  await ann.shows('Create an account', 'register');
});

visit('connecting a device', {}, async ({ ann }) => {
  const device = await Device.begin('openid');
  await ann.opens(device.address);
  await ann.logsIn();
  await ann.shows('Connect a device', 'device-enter');
  await ann.fills('Code', device.code);
  await ann.presses('Continue');
  await ann.shows(`Connect ${NAME} to your account?`, 'device-confirm');
  await ann.presses('Allow');
  await ann.shows('Device connected', 'device-connected');
});

visit('looking after an account', {}, async ({ ann, shop }) => {
  await logIn(ann.email, PASSWORD);
  await ann.goesThrough(shop.asks());
  await ann.opens(`${issuer}/account`);
  await ann.sees('Your account');
  const section = (name) => ann.page.getByRole('region', { name, exact: true });
  await take(ann.page, 'account', { until: section('Password') });
  await take(ann.page, 'account-access', { from: section('Where you are logged in') });
});

visit('replacing a temporary password', {}, async ({ ann, shop }) => {
  const temporary = await giveTemporaryPassword(ann.email);
  await ann.opens(shop.asks().url);
  await ann.logsIn(temporary);
  await ann.shows('Choose a new password', 'temporary-password');
});

const told = { client: (address) => ({ frontchannel_logout_uri: `${address}/front` }), javaScript: false };

visit('leaving while clients are told', told, async ({ ann, shop }) => {
  const request = shop.asks();
  await ann.goesThrough(request);
  const { id_token: hint } = await shop.redeem(request);
  const parameters = { id_token_hint: hint, post_logout_redirect_uri: `${shop.address}/bye` };
  await ann.opens(`${issuer}/oauth2/logout?${new URLSearchParams(parameters)}`);
  await ann.shows('You are logged out', 'logout-leaving');
});

visit('forgetting a password', {}, async ({ ann, shop }) => {
  await ann.opens(shop.asks().url);
  await ann.follows('Forgot your password?');
  await ann.shows('Forgot your password?', 'forgotten');
  await ann.fills('Email address', ann.email);
  await ann.presses('Send link');
  await ann.shows('Check your mail', 'forgotten-sent');
  const link = await linkMailedTo(ann.email);
  await ann.opens(link);
  await ann.shows('Choose a password', 'new-password');
  await ann.fills('New password', 'violet-anchor-lantern');
  await ann.presses('Set password');
  await ann.shows('Password set', 'new-password-done');
  await ann.opens(link);
  await ann.shows('This link is not valid', 'new-password-invalid');
});

visit('going back by a form', { javaScript: false }, async ({ ann, shop }) => {
  await ann.opens(shop.asks({ response_mode: 'form_post', prompt: 'none' }).url);
  await ann.shows('One moment', 'form-post');
});

visit('a request that cannot be accepted', {}, async ({ ann, shop }) => {
  await ann.opens(shop.asks({ redirect_uri: `${shop.address}/elsewhere` }).url);
  await ann.shows('This request cannot be accepted', 'error');
});

test('the documentation shows every picture, and none that nobody took', () => {
  assert.deepEqual([...shown()].sort(), [...taken].sort());
});
