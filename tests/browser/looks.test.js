// Screens and schemes. That nothing scrolls sideways at 320 px and nobody is shut out, in light and dark, holds for every
// page of every test here; this is about what might be worst.

import assert from 'node:assert/strict';
import { BACK } from './relying_party.js';
import { visit } from './visitor.js';

const NAME = 'W'.repeat(100);
const long = { client: () => ({ client_name: NAME }), email: `${'w'.repeat(64)}@${'example.'.repeat(20)}com` };

visit('the longest names fit on the narrowest screen', long, async ({ ann, shop }) => {
  await ann.opens(shop.asks({ scope: 'openid profile email address phone offline_access' }).url);
  await ann.logsIn();
  await ann.sees(`Allow ${NAME} to access your account?`);
  await ann.presses('Allow');
  await ann.sees(BACK);
  await ann.opens(shop.asks({ prompt: 'select_account' }).url);
  await ann.sees('Choose an account');
});

visit('pages are light or dark as the system is', {}, async ({ ann, shop }) => {
  await ann.opens(shop.asks().url);
  const brightness = async (colorScheme) => {
    await ann.page.emulateMedia({ colorScheme });
    const colour = await ann.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    return colour.match(/\d+/g).map(Number).reduce((sum, part) => sum + part);
  };
  assert.ok((await brightness('light')) > 600);
  assert.ok((await brightness('dark')) < 100);
});
