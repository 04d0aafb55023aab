// Four languages, as the client asks for them with ui_locales; the browser's own is English.

import assert from 'node:assert/strict';
import { BACK } from './relying_party.js';
import { PASSWORD, issuer } from './signet.js';
import { visit } from './visitor.js';
import { WORDS } from './words.js';

for (const [tag, words] of Object.entries(WORDS)) {
  const parameters = { ui_locales: `xx ${tag}` };

  async function sees(ann, heading) {
    await ann.sees(heading);
    assert.equal(await ann.page.locator('html').getAttribute('lang'), tag);
  }

  async function logsIn(ann, password) {
    const [heading, name, label, button] = words.logIn;
    await sees(ann, heading);
    await ann.fills(name, ann.email);
    await ann.fills(label, password);
    await ann.presses(button);
  }

  async function agrees(ann) {
    const [heading, button] = words.consent;
    await sees(ann, heading);
    await ann.presses(button);
  }

  visit(`login, consent and choice of an account in ${tag}`, {}, async ({ ann, shop }) => {
    await ann.opens(shop.asks(parameters).url);
    await logsIn(ann, 'a wrong password');
    await ann.reads(words.wrong);
    await logsIn(ann, PASSWORD);
    await agrees(ann);
    await ann.sees(BACK);
    await ann.opens(shop.asks({ ...parameters, prompt: 'select_account' }).url);
    const [heading, button] = words.select;
    await sees(ann, heading);
    await ann.presses(button + ann.email);
    await ann.sees(BACK);
  });

  visit(`the form on the way back in ${tag}`, { javaScript: false }, async ({ ann, shop }) => {
    await ann.opens(shop.asks({ ...parameters, response_mode: 'form_post' }).url);
    await logsIn(ann, PASSWORD);
    await agrees(ann);
    const [heading, button] = words.formPost;
    await sees(ann, heading);
    await ann.presses(button);
    await ann.sees(BACK);
  });

  // RP-Initiated Logout §2.
  visit(`logging out in ${tag}`, {}, async ({ ann, shop }) => {
    await ann.goesThrough(shop.asks());
    await ann.opens(`${issuer}/oauth2/logout?${new URLSearchParams(parameters)}`);
    const [heading, button, done] = words.logOut;
    await sees(ann, heading);
    await ann.presses(button);
    await sees(ann, done);
  });

  visit(`a forgotten password in ${tag}`, {}, async ({ ann, shop }) => {
    await ann.opens(shop.asks(parameters).url);
    await sees(ann, words.logIn[0]);
    await ann.follows(words.forgotten);
    await sees(ann, words.forgotten);
  });
}
