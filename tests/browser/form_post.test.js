// Answers that come back as a form (OAuth 2.0 Form Post Response Mode).

import assert from 'node:assert/strict';
import { BACK } from './relying_party.js';
import { CONSENT, visit } from './visitor.js';

const form = { response_mode: 'form_post' };

async function agree(ann, request) {
  await ann.opens(request.url);
  await ann.logsIn();
  await ann.sees(CONSENT);
  await ann.presses('Allow');
}

visit('the form sends itself', {}, async ({ ann, shop }) => {
  const request = shop.asks(form);
  await agree(ann, request);
  await ann.sees(BACK);
  assert.equal(shop.answer(request).method, 'POST');
  await shop.redeem(request);
});

visit('or is sent with its button, without JavaScript', { javaScript: false }, async ({ ann, shop }) => {
  const request = shop.asks(form);
  await agree(ann, request);
  await ann.sees('One moment');
  await ann.presses('Continue');
  await ann.sees(BACK);
  assert.equal(shop.answer(request).method, 'POST');
  await shop.redeem(request);
});
