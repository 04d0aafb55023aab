// Devices that show a code (RFC 8628). openid-client waits as long between two polls as the provider tells it to.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as client from "openid-client";
import { Browser } from "./browser.mjs";
import { configured, issuer } from "./provider.mjs";

const metadata = {
  grant_types: ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"],
  response_types: [],
  redirect_uris: [],
  token_endpoint_auth_method: "none",
};

test("a device gets tokens once its user has typed the code and agreed", async () => {
  const { config, begun } = await begin();
  const page = await new Browser({ fills: { user_code: begun.user_code } }).visit(begun.verification_uri);
  assert.equal(page.status, 200);
  const tokens = await polled(config, begun);
  const info = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
  assert.equal(info.email, process.env.SIGNET_USER);
  assert.ok((await client.refreshTokenGrant(config, tokens.refresh_token)).access_token);
  await assert.rejects(polled(config, begun), { error: "invalid_grant" });
});

test("a device that polls while its user still thinks goes on until the answer is there", async () => {
  const { config, begun } = await begin();
  const tokens = polled(config, begun);
  // RFC 8628 §3.5: the answer to the first poll, which comes before anybody has answered.
  const first = await poll(config, begun);
  assert.deepEqual([first.status, (await first.json()).error], [400, "authorization_pending"]);
  await new Browser().visit(begun.verification_uri_complete);
  assert.ok((await tokens).id_token);
});

test("a device is told when its user says no", async () => {
  const { config, begun } = await begin();
  await new Browser({ presses: ["deny"] }).visit(begun.verification_uri_complete);
  await assert.rejects(polled(config, begun), { error: "access_denied" });
});

async function begin() {
  const config = await configured(metadata, client.None);
  const begun = await client.initiateDeviceAuthorization(config, { scope: "openid email offline_access" });
  for (const uri of [begun.verification_uri, begun.verification_uri_complete]) assert.equal(new URL(uri).origin, issuer.origin);
  return { config, begun };
}

function poll(config, { device_code }) {
  const form = { grant_type: "urn:ietf:params:oauth:grant-type:device_code", device_code, client_id: config.clientMetadata().client_id };
  return fetch(config.serverMetadata().token_endpoint, { method: "POST", body: new URLSearchParams(form) });
}

/** To the end of it, which would otherwise come when the code has expired. */
function polled(config, begun) {
  return client.pollDeviceAuthorizationGrant(config, begun, {}, { signal: AbortSignal.timeout(30_000) });
}
