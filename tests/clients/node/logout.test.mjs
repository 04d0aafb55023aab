// Logging out by a client's wish (OpenID Connect RP-Initiated Logout).

import assert from "node:assert/strict";
import { test } from "node:test";
import * as client from "openid-client";
import { Browser } from "./browser.mjs";
import { BYE, configured, login } from "./provider.mjs";

test("the browser comes back to the registered address with the state, and is logged out", async () => {
  const config = await configured();
  const browser = new Browser();
  const { id_token } = await login(config, {}, { browser });
  const end = client.buildEndSessionUrl(config, { id_token_hint: id_token, post_logout_redirect_uri: BYE, state: "a state" });
  const { url } = await browser.visit(end);
  assert.deepEqual([url.origin + url.pathname, Object.fromEntries(url.searchParams)], [BYE, { state: "a state" }]);
  await assert.rejects(login(config, { prompt: "none" }, { browser }), { error: "login_required" });
});

test("nobody is sent to an address that is not registered", async () => {
  const config = await configured();
  const browser = new Browser();
  const { id_token } = await login(config, {}, { browser });
  for (const post_logout_redirect_uri of ["https://evil.example/", `${BYE}?more=1`]) {
    const page = await browser.visit(client.buildEndSessionUrl(config, { id_token_hint: id_token, post_logout_redirect_uri }));
    assert.equal(page.status, 400);
  }
  assert.ok((await login(config, { prompt: "none" }, { browser })).id_token, "it is still logged in");
});
