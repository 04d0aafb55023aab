// Clients that register themselves (RFC 7591), and manage what they registered (RFC 7592).

import assert from "node:assert/strict";
import { before, test } from "node:test";
import * as client from "openid-client";
import { BYE, CALLBACK, execute, issuer, login, operator } from "./provider.mjs";

const metadata = {
  client_name: "A shop that came by itself",
  redirect_uris: [CALLBACK],
  post_logout_redirect_uris: [BYE],
  grant_types: ["authorization_code", "refresh_token"],
};

const allow = (client_registration) => operator("PATCH", "settings", { client_registration });
const register = (other = {}, options = {}) =>
  client.dynamicClientRegistration(issuer, { ...metadata, ...other }, undefined, { execute, ...options });

before(() => allow("open"));

test("openid-client registers a client and logs a user in", async () => {
  for (const token_endpoint_auth_method of ["client_secret_post", "none"]) {
    const config = await register({ token_endpoint_auth_method });
    const tokens = await login(config);
    const info = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
    assert.equal(info.email, process.env.SIGNET_USER);
  }
});

test("the answer tells all that was registered, and how to manage it", async () => {
  const made = (await register()).clientMetadata();
  for (const [name, value] of Object.entries(metadata)) assert.deepEqual(made[name], value, name);
  assert.equal(made.token_endpoint_auth_method, "client_secret_basic", "the default of RFC 7591 §2");
  assert.equal(made.client_secret_expires_at, 0);
  assert.ok(made.client_secret && made.registration_access_token);
  assert.equal(new URL(made.registration_client_uri).origin, issuer.origin);
  assert.ok(!Object.values(made).includes(null), "what has no value is left out");
});

test("its registration access token reads, changes and deletes it", async () => {
  const made = (await register()).clientMetadata();
  const read = await manage(made, "GET");
  assert.deepEqual([read.status, read.json.client_id, read.json.client_name], [200, made.client_id, metadata.client_name]);
  // RFC 7592 §2.1: a token may be renewed with each answer.
  const current = { ...made, ...read.json };
  const changed = await manage(current, "PUT", { ...metadata, client_id: made.client_id, client_name: "Renamed" });
  assert.deepEqual([changed.status, changed.json.client_name], [200, "Renamed"], JSON.stringify(changed.json));
  const last = { ...current, ...changed.json };
  assert.equal((await manage({ ...last, registration_access_token: "wrong" }, "GET")).status, 401);
  assert.equal((await manage(last, "DELETE")).status, 204);
  assert.equal((await manage(last, "GET")).status, 401);
});

for (const [what, other, error] of [
  ["a fragment in an address", { redirect_uris: [`${CALLBACK}#here`] }, "invalid_redirect_uri"],
  ["plain http", { redirect_uris: ["http://shop.example/callback"] }, "invalid_redirect_uri"],
  ["a method that is none", { token_endpoint_auth_method: "a kind word" }, "invalid_client_metadata"],
  ["two sets of keys", { jwks: { keys: [] }, jwks_uri: "https://shop.example/jwks" }, "invalid_client_metadata"],
]) {
  test(`${what} is refused`, async () => {
    await assert.rejects(register(other), { status: 400, error });
  });
}

test("what is not known is passed over", async () => {
  const made = (await register({ favourite_colour: "blue" })).clientMetadata();
  assert.ok(made.client_id && made.favourite_colour === undefined, "RFC 7591 §2");
});

test("where it takes a token, nobody comes without", async () => {
  await allow("token");
  for (const options of [{}, { initialAccessToken: "wrong" }]) {
    await assert.rejects(register({}, options), ({ status, cause: [challenge] }) => status === 401 && challenge.scheme === "bearer");
  }
});

test("where it is closed, no endpoint is told of", async () => {
  await allow("closed");
  const config = await client.discovery(issuer, "nobody", undefined, client.None(), { execute });
  assert.equal(config.serverMetadata().registration_endpoint, undefined);
});

async function manage({ registration_client_uri, registration_access_token }, method, body) {
  const headers = { authorization: `Bearer ${registration_access_token}`, "content-type": "application/json" };
  const answer = await fetch(registration_client_uri, { method, headers, body: JSON.stringify(body) });
  const text = await answer.text();
  return { status: answer.status, json: text ? JSON.parse(text) : undefined };
}
