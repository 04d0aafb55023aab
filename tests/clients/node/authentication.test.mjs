// How clients prove who they are.

import assert from "node:assert/strict";
import { test } from "node:test";
import { exportJWK, generateKeyPair } from "jose";
import * as client from "openid-client";
import { configured, login } from "./provider.mjs";

test("with their secret in the header or in the body", async () => {
  for (const [method, authentication] of [
    ["client_secret_basic", client.ClientSecretBasic],
    ["client_secret_post", client.ClientSecretPost],
  ]) {
    const config = await configured({ token_endpoint_auth_method: method }, authentication);
    assert.ok((await login(config)).id_token, method);
  }
});

test("not at all, if they are public", async () => {
  const config = await configured({ token_endpoint_auth_method: "none" }, client.None);
  assert.ok((await login(config)).id_token);
});

// Ed25519 is what RFC 9864 calls EdDSA with that curve, and the one name that openid-client signs with.
for (const algorithm of ["RS256", "PS256", "ES256", "Ed25519"]) {
  test(`with an assertion that they sign with ${algorithm}`, async () => {
    const { config } = await withKey(algorithm);
    const tokens = await login(config);
    assert.ok((await client.refreshTokenGrant(config, tokens.refresh_token)).id_token);
    assert.equal((await client.tokenIntrospection(config, tokens.access_token)).active, true);
  });
}

/** RFC 7523 §3: whom an assertion may name as its audience. */
test("with an assertion that is for the issuer or for the endpoint", async () => {
  const { config, metadata, privateKey } = await withKey("ES256");
  for (const audience of [metadata.issuer, metadata.token_endpoint, [metadata.issuer, metadata.token_endpoint]]) {
    assert.ok((await credentials(config, privateKey, audience)).access_token, audience);
  }
  await assert.rejects(credentials(config, privateKey, "https://elsewhere.example"), { error: "invalid_client" });
});

test("a wrong secret is refused", async () => {
  const config = await configured({}, () => client.ClientSecretBasic("wrong"));
  await assert.rejects(login(config), { name: "WWWAuthenticateChallengeError", status: 401 });
});

async function withKey(algorithm) {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: "one", alg: algorithm, use: "sig" };
  const registration = {
    token_endpoint_auth_method: "private_key_jwt",
    grant_types: ["authorization_code", "refresh_token", "client_credentials"],
    jwks: { keys: [jwk] },
  };
  const config = await configured(registration, () => client.PrivateKeyJwt({ key: privateKey, kid: "one" }));
  return { config, privateKey, metadata: config.serverMetadata() };
}

function credentials(config, key, audience) {
  const toAudience = { [client.modifyAssertion]: (_, claims) => void (claims.aud = audience) };
  const authentication = client.PrivateKeyJwt({ key, kid: "one" }, toAudience);
  const other = new client.Configuration(config.serverMetadata(), config.clientMetadata().client_id, {}, authentication);
  client.allowInsecureRequests(other);
  return client.clientCredentialsGrant(other);
}
