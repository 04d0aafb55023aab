// What people do with their own account.

import assert from 'node:assert/strict';
import { BACK } from './relying_party.js';
import { PASSWORD, issuer, logIn } from './signet.js';
import { CONSENT, visitBothWays } from './visitor.js';

const ACCOUNT = 'Your account';
const FULL_NAME = 'Full name (optional)';
const BIRTH = 'Date of birth (optional)';
const NEW_PASSWORD = 'violet-anchor-lantern';

const account = `${issuer}/account`;

async function looksAfterIt(ann) {
  await ann.opens(account);
  await ann.logsIn();
  await ann.sees(ACCOUNT);
}

visitBothWays('what is changed in the profile is kept', async ({ ann }) => {
  await looksAfterIt(ann);
  assert.equal(ann.address, account);
  await ann.fills(FULL_NAME, 'Ann “Nan” <Beispiel> & Söhne');
  await ann.fills(BIRTH, '1984-02-29');
  await ann.presses('Save changes');
  await ann.sees(ACCOUNT);
  await ann.reads('Your changes are saved.');
  await ann.opens(account);
  await ann.sees(ACCOUNT);
  await ann.finds(FULL_NAME, 'Ann “Nan” <Beispiel> & Söhne');
  await ann.finds(BIRTH, '1984-02-29');
});

// What a browser takes, and the server does not.
const WRONG = [
  ['Email address', 'ann..nan@example.com', 'This is not an email address. It looks like name@example.com.'],
  [BIRTH, '12345-01-01', 'This is not a valid value.'],
  ['Phone number (optional)', '0123', 'This is not a valid value.'],
  ['Website (optional)', 'ftp://example.com/', 'This is not a valid value.'],
];

for (const [label, value, complaint] of WRONG) {
  visitBothWays(`“${value}” is told to be wrong where it stands, and stays typed`, async ({ ann }) => {
    await looksAfterIt(ann);
    await ann.fills(FULL_NAME, 'Ann Beispiel');
    await ann.fills(label, value);
    await ann.presses('Save changes');
    await ann.sees(ACCOUNT);
    assert.equal(ann.status, 422);
    await ann.finds(FULL_NAME, 'Ann Beispiel');
    await ann.finds(label, value);
    assert.equal(await ann.page.getByRole('alert').innerText(), complaint);
    const field = ann.page.getByLabel(label, { exact: true });
    assert.equal(await field.getAttribute('aria-invalid'), 'true');
    await ann.opens(account);
    await ann.sees(ACCOUNT);
    await ann.finds('Email address', ann.email);
    await ann.finds(FULL_NAME, '');
  });
}

visitBothWays('whoever knows the current password changes it', async ({ ann }) => {
  await looksAfterIt(ann);
  await ann.fills('Current password', 'a wrong password');
  await ann.fills('New password', NEW_PASSWORD);
  await ann.presses('Change password');
  await ann.sees(ACCOUNT);
  assert.equal(ann.status, 422);
  await ann.reads('This is not your current password.');
  await ann.fills('Current password', PASSWORD);
  await ann.fills('New password', NEW_PASSWORD);
  await ann.presses('Change password');
  await ann.sees(ACCOUNT);
  await ann.reads('Your password is changed.');
  await logIn(ann.email, NEW_PASSWORD);
});

visitBothWays('the sessions elsewhere are ended, one or all, and the one that is here stays', async ({ ann }) => {
  const sessions = ann.page.getByRole('listitem').filter({ hasText: 'Last used' });
  const elsewhere = sessions.filter({ hasNotText: 'This session' });
  for (let times = 0; times < 3; times += 1) await logIn(ann.email, PASSWORD);
  await looksAfterIt(ann);
  assert.deepEqual([await sessions.count(), await elsewhere.count()], [4, 3]);
  await ann.arrivesAfter(() => elsewhere.first().getByRole('button', { name: 'Log out' }).click());
  await ann.sees(ACCOUNT);
  await ann.reads('The session has ended.');
  assert.deepEqual([await sessions.count(), await elsewhere.count()], [3, 2]);
  await ann.presses('Log out everywhere else');
  await ann.sees(ACCOUNT);
  await ann.reads('You are logged out everywhere else.');
  assert.deepEqual([await sessions.count(), await elsewhere.count()], [1, 0]);
  await ann.presses('Log out');
  await ann.sees('Log in');
});

visitBothWays('a client whose access is withdrawn has to ask again', async ({ ann, shop }) => {
  await ann.goesThrough(shop.asks());
  await ann.opens(account);
  await ann.sees(ACCOUNT);
  await ann.reads('Photo Album');
  await ann.presses('Withdraw access');
  await ann.sees(ACCOUNT);
  await ann.reads('The app has no access any more.');
  await ann.reads('No app has access to your account.');
  const request = shop.asks();
  await ann.opens(request.url);
  await ann.sees(CONSENT);
  await ann.presses('Allow');
  await ann.sees(BACK);
  await shop.redeem(request);
});
