// A password that an operator gave for once.

import assert from 'node:assert/strict';
import { BACK } from './relying_party.js';
import { giveTemporaryPassword, logIn } from './signet.js';
import { CONSENT, visitBothWays } from './visitor.js';

const CHOOSE = 'Choose a new password';
const NEW_PASSWORD = 'violet-anchor-lantern';

visitBothWays('whoever logs in with a temporary password chooses one of their own before they go on', async ({ ann, shop }) => {
  const temporary = await giveTemporaryPassword(ann.email);
  const request = shop.asks();
  await ann.opens(request.url);
  await ann.logsIn(temporary);
  await ann.sees(CHOOSE);
  await ann.reads(`You are logged in as ${ann.email}.`);
  for (const [password, complaint] of [
    [temporary, 'Choose another password than the temporary one.'],
    ['short', 'A password has at least 8 characters.'],
  ]) {
    await ann.fills('New password', password);
    await ann.presses('Set password');
    await ann.sees(CHOOSE);
    assert.equal(ann.status, 422);
    await ann.reads(complaint);
  }
  await ann.fills('New password', NEW_PASSWORD);
  await ann.presses('Set password');
  await ann.sees(CONSENT);
  await ann.presses('Allow');
  await ann.sees(BACK);
  await shop.redeem(request);
  await logIn(ann.email, NEW_PASSWORD);
});
