// The provider under test, and clients of it that use openid-client.

import assert from "node:assert/strict";
import * as client from "openid-client";
import { Browser } from "./browser.mjs";

export const issuer = new URL(process.env.SIGNET_ISSUER);
export const CALLBACK = "https://shop.example/callback";
export const BYE = "https://shop.example/bye";

/** The provider is on loopback here, without TLS; and openid-client is to verify every signature nevertheless. */
export const execute = [client.allowInsecureRequests, client.enableNonRepudiationChecks];

/** A call of the admin API. */
export async function operator(method, path, body) {
  const headers = { authorization: `Bearer ${process.env.SIGNET_ADMIN_TOKEN}`, "content-type": "application/json", "if-match": "*" };
  const answer = await fetch(new URL(`/admin/v1/${path}`, issuer), { method, headers, body: JSON.stringify(body) });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`);
  return answer.json();
}

/** A client that an operator registers, with other metadata in place of the usual. */
export function registered(metadata = {}) {
  return operator("POST", "clients", {
    client_name: "Shop",
    redirect_uris: [CALLBACK],
    post_logout_redirect_uris: [BYE],
    grant_types: ["authorization_code", "refresh_token"],
    ...metadata,
  });
}

/** The same, set up in openid-client. */
export async function configured(metadata = {}, authentication = client.ClientSecretBasic) {
  const { client_id, client_secret } = await registered(metadata);
  return client.discovery(issuer, client_id, { ...metadata, client_secret }, authentication(client_secret), { execute });
}

/** An authorization request, what the browser brings back, and what the client checks there. */
export async function authorized(config, parameters = {}, { browser = new Browser(), build = client.buildAuthorizationUrl } = {}) {
  const checks = {
    pkceCodeVerifier: client.randomPKCECodeVerifier(),
    expectedState: client.randomState(),
    expectedNonce: client.randomNonce(),
    idTokenExpected: true,
  };
  const url = await build(config, {
    redirect_uri: CALLBACK,
    scope: "openid email offline_access",
    code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: "S256",
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    ...parameters,
  });
  const { url: address, form } = await browser.visit(url);
  assert.equal(address.origin + address.pathname, CALLBACK);
  return { answer: form ? new Request(address, { method: "POST", body: form }) : address, checks };
}

/** A login, to the tokens. */
export async function login(config, parameters, options) {
  const { answer, checks } = await authorized(config, parameters, options);
  return client.authorizationCodeGrant(config, answer, checks);
}

/** Once it is so, within half a minute. */
export async function until(isSo) {
  const end = Date.now() + 30_000;
  while (!(await isSo())) {
    assert.ok(Date.now() < end, "it did not come to pass within half a minute");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
