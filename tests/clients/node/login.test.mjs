// Logging in with a code, and what follows.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as client from "openid-client";
import { Browser } from "./browser.mjs";
import { authorized, configured, login } from "./provider.mjs";

test("a code with PKCE gives an ID token that openid-client believes, and the UserInfo of the same user", async () => {
  const config = await configured();
  const tokens = await login(config);
  const { sub, sid, auth_time } = tokens.claims();
  assert.ok(sub && sid && auth_time);
  const info = await client.fetchUserInfo(config, tokens.access_token, sub);
  assert.equal(info.email, process.env.SIGNET_USER);
});

test("a refresh token gives new tokens of the same login", async () => {
  const config = await configured();
  const tokens = await login(config);
  const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);
  for (const claim of ["sub", "auth_time"]) assert.equal(refreshed.claims()[claim], tokens.claims()[claim]);
  assert.notEqual(refreshed.refresh_token, tokens.refresh_token);
  await client.fetchUserInfo(config, refreshed.access_token, tokens.claims().sub);
});

test("a browser that is logged in is asked nothing for the next client, and asked again where max_age wants it", async () => {
  const browser = new Browser();
  const first = await login(await configured(), {}, { browser });
  const config = await configured();
  await login(config, {}, { browser });
  const silent = await login(config, { prompt: "none" }, { browser });
  assert.equal(silent.claims().sub, first.claims().sub);
  const { answer, checks } = await authorized(config, { max_age: "3600" }, { browser });
  await client.authorizationCodeGrant(config, answer, { ...checks, maxAge: 3600 });
});

test("whoever is not logged in, or says no, is an error that openid-client can tell", async () => {
  const config = await configured();
  const told = (error) => ({ name: "AuthorizationResponseError", error });
  await assert.rejects(login(config, { prompt: "none" }), told("login_required"));
  await assert.rejects(login(config, {}, { browser: new Browser({ presses: ["deny"] }) }), told("access_denied"));
});

for (const algorithm of ["RS256", "ES256"]) {
  test(`ID tokens and UserInfo are signed with ${algorithm} where that is registered`, async () => {
    const config = await configured({ id_token_signed_response_alg: algorithm, userinfo_signed_response_alg: algorithm });
    const tokens = await login(config);
    const info = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
    assert.equal(info.email, process.env.SIGNET_USER);
  });
}

test("single claims come where they are asked for", async () => {
  const claims = JSON.stringify({ id_token: { email: { essential: true } } });
  const tokens = await login(await configured(), { scope: "openid", claims });
  assert.equal(tokens.claims().email, process.env.SIGNET_USER);
});
