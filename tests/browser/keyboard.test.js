// Without a mouse.

import assert from 'node:assert/strict';
import { BACK } from './relying_party.js';
import { PASSWORD } from './signet.js';
import { CONSENT, visit } from './visitor.js';

const PAPERS = ['Privacy policy', 'Terms of use'];
const FIELDS = ['Email address or username', 'Password'];
const LOGIN = [...FIELDS, 'Log in', 'Cancel', 'Forgot your password?', 'Create an account', ...PAPERS];
const AGREE = ['Do not ask me again for this app', 'Allow', 'Deny', ...PAPERS];

/** What has the focus, which has to be seen. */
async function focused(ann) {
  const { name, outline } = await ann.page.evaluate(() => {
    const element = document.activeElement;
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const name = element.labels?.[0]?.textContent ?? element.textContent;
    return { name: name.trim(), outline: `${outlineWidth} ${outlineStyle}` };
  });
  assert.equal(outline, '3px solid', name);
  return name;
}

/** What Tab leads to, from here to the last of them. */
async function tabs(ann, count) {
  const names = [await focused(ann)];
  while (names.length < count) {
    await ann.page.keyboard.press('Tab');
    names.push(await focused(ann));
  }
  return names;
}

visit('everything on the way can be reached with Tab, in the order it is read', {}, async ({ ann, shop }) => {
  await ann.opens(shop.asks().url);
  await ann.sees('Log in');
  assert.deepEqual(await tabs(ann, LOGIN.length), LOGIN);
  await ann.logsIn();
  await ann.sees(CONSENT);
  await ann.page.keyboard.press('Tab');
  assert.deepEqual(await tabs(ann, AGREE.length), AGREE);
});

visit('typing, Tab and Enter lead through login and consent', {}, async ({ ann, shop }) => {
  const { keyboard } = ann.page;
  const request = shop.asks();
  await ann.opens(request.url);
  await ann.sees('Log in');
  await keyboard.type(ann.email);
  await keyboard.press('Tab');
  await keyboard.type(PASSWORD);
  await ann.arrivesAfter(() => keyboard.press('Enter'));
  await ann.sees(CONSENT);
  await keyboard.press('Tab');
  await keyboard.press('Tab');
  assert.equal(await focused(ann), 'Allow');
  await ann.arrivesAfter(() => keyboard.press('Enter'));
  await ann.sees(BACK);
  await shop.redeem(request);
});
