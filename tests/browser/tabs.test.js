// Two tabs of one browser.

import { BACK } from './relying_party.js';
import { CONSENT, visitBothWays } from './visitor.js';

visitBothWays('two tabs finish, each with an answer of its own', async ({ ann: first, shop }) => {
  const second = await first.secondTab();
  const [one, two] = [shop.asks(), shop.asks()];
  await first.opens(one.url);
  await second.opens(two.url);
  await second.logsIn();
  await first.logsIn();
  await first.sees(CONSENT);
  await second.sees(CONSENT);
  await second.presses('Allow');
  await first.presses('Allow');
  await first.sees(BACK);
  await second.sees(BACK);
  await shop.redeem(one);
  await shop.redeem(two);
});
