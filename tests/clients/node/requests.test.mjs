// The ways in which requests and their answers travel.

import assert from "node:assert/strict";
import { test } from "node:test";
import { exportJWK, generateKeyPair } from "jose";
import * as client from "openid-client";
import { Browser } from "./browser.mjs";
import { CALLBACK, authorized, configured, login } from "./provider.mjs";

test("a request is pushed ahead, and has to be where that is registered", async () => {
  const config = await configured({ require_pushed_authorization_requests: true });
  assert.ok((await login(config, {}, { build: client.buildAuthorizationUrlWithPAR })).id_token);
  const plain = client.buildAuthorizationUrl(config, { redirect_uri: CALLBACK, scope: "openid" });
  assert.equal((await new Browser().visit(plain)).status, 400);
});

for (const algorithm of ["RS256", "PS256", "ES256"]) {
  test(`a request comes in an object that is signed with ${algorithm}, by value and pushed`, async () => {
    const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: "one", alg: algorithm, use: "sig" };
    const config = await configured({ jwks: { keys: [jwk] } });
    const signed = (config, parameters) => client.buildAuthorizationUrlWithJAR(config, parameters, { key: privateKey, kid: "one" });
    const pushed = async (config, parameters) => client.buildAuthorizationUrlWithPAR(config, (await signed(config, parameters)).searchParams);
    assert.ok((await login(config, {}, { build: signed })).id_token);
    assert.ok((await login(config, {}, { build: pushed })).id_token);
  });
}

test("an answer is posted by a form of the provider", async () => {
  assert.ok((await login(await configured(), { response_mode: "form_post" })).id_token);
});

const hybrid = { response_types: ["code", "code id_token", "id_token"], grant_types: ["authorization_code", "implicit", "refresh_token"] };

for (const response_mode of ["fragment", "form_post"]) {
  test(`an ID token comes along with the code, or alone, by ${response_mode}`, async () => {
    const both = await configured(hybrid);
    client.useCodeIdTokenResponseType(both);
    // Whether code and state are the ones that the ID token was made for.
    client.enableDetachedSignatureResponseChecks(both);
    assert.ok((await login(both, { response_mode })).id_token);

    const alone = await configured(hybrid);
    client.useIdTokenResponseType(alone);
    const { answer, checks } = await authorized(alone, { response_mode, scope: "openid email" });
    const claims = await client.implicitAuthentication(alone, answer, checks.expectedNonce, { expectedState: checks.expectedState });
    assert.equal(claims.email, process.env.SIGNET_USER);
  });
}
