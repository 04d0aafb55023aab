// A password that was forgotten, and the one after it.

import assert from 'node:assert/strict';
import { linkMailedTo } from './mailbox.js';
import { logIn } from './signet.js';
import { visitBothWays } from './visitor.js';

const NEW_PASSWORD = 'violet-anchor-lantern';

visitBothWays('whoever forgot their password sets another one by the link in the mail, once', async ({ ann, shop }) => {
  await ann.opens(shop.asks().url);
  await ann.sees('Log in');
  await ann.follows('Forgot your password?');
  await ann.sees('Forgot your password?');
  await ann.fills('Email address', ann.email);
  await ann.presses('Send link');
  await ann.sees('Check your mail');

  const link = await linkMailedTo(ann.email);
  await ann.opens(link);
  await ann.sees('Choose a password');
  await ann.fills('New password', 'short');
  await ann.presses('Set password');
  await ann.sees('Choose a password');
  await ann.reads('A password has at least 8 characters.');
  assert.equal(ann.status, 422);
  await ann.fills('New password', NEW_PASSWORD);
  await ann.presses('Set password');
  await ann.sees('Password set');
  await logIn(ann.email, NEW_PASSWORD);

  await ann.opens(link);
  await ann.sees('This link is not valid');
  assert.equal(ann.status, 400);
});
