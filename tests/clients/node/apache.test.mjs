// Debian's Apache with mod_auth_openidc.

import assert from "node:assert/strict";
import { test } from "node:test";
import { site } from "./apache.mjs";
import { Browser } from "./browser.mjs";
import { issuer, until } from "./provider.mjs";

const NO_WORD = () => ({});
const logoutOfProvider = new URL("/oauth2/logout", issuer);

test("a protected page is shown to whoever logs in, and the application is told who that is", async (test) => {
  const origin = await site(test, { logout: NO_WORD });
  const browser = new Browser();
  assert.equal((await browser.request({ url: `${origin}/orders?page=2` })).next.url.origin, issuer.origin);
  const page = await browser.visit(`${origin}/orders?page=2`);
  assert.deepEqual([page.status, page.url.href], [200, `${origin}/orders?page=2`]);
  const headers = JSON.parse(page.html);
  assert.equal(headers.oidc_claim_email, process.env.SIGNET_USER);
  assert.equal(headers.oidc_claim_iss, issuer.origin);
  assert.ok(headers.oidc_claim_sub);
});

test("the logout of the site is that of the provider as well", async (test) => {
  const origin = await site(test, { logout: NO_WORD });
  const browser = new Browser();
  await enter(browser, origin);
  const left = await browser.visit(`${origin}/oidc?logout=${encodeURIComponent(`${origin}/bye`)}`);
  assert.deepEqual([left.status, left.url.pathname], [200, "/bye"]);
  assert.equal(await isLoggedIn(browser, origin), false);
  const { next: again } = await browser.request({ url: `${origin}/` });
  again.url.searchParams.set("prompt", "none");
  const { next: told } = await browser.request(again);
  assert.equal(told.url.searchParams.get("error"), "login_required");
});

test("whoever logs out at the provider is logged out of the site, which is told behind the back of the browser", async (test) => {
  const origin = await site(test, { logout: (uri) => ({ backchannel_logout_uri: `${uri}?logout=backchannel` }) });
  const [browser, other] = [new Browser(), new Browser()];
  await enter(browser, origin);
  await enter(other, origin);
  const left = await browser.visit(logoutOfProvider);
  assert.equal(left.status, 200);
  await until(async () => !(await isLoggedIn(browser, origin)));
  assert.equal(await isLoggedIn(other, origin), true, "the session of another browser goes on");
});

test("or in a frame of the page that logs out", async (test) => {
  const origin = await site(test, { logout: (uri) => ({ frontchannel_logout_uri: `${uri}?logout=get` }) });
  const browser = new Browser();
  await enter(browser, origin);
  await browser.visit(logoutOfProvider);
  assert.equal(await isLoggedIn(browser, origin), false);
});

async function enter(browser, origin) {
  await browser.visit(`${origin}/`);
  assert.equal(await isLoggedIn(browser, origin), true);
}

async function isLoggedIn(browser, origin) {
  return (await browser.request({ url: `${origin}/` })).status === 200;
}
