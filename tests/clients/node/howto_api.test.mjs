// The resource servers of the how-to take the access tokens that are for them, and nothing else.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as client from "openid-client";
import { program } from "./howto.mjs";
import { freePort } from "./process.mjs";
import { configured, issuer, login, until } from "./provider.mjs";

const API = "https://api.example.com";
const itself = { grant_types: ["client_credentials"], response_types: [], redirect_uris: [] };

for (const name of ["api.mjs", "api.py"]) {
  test(`${name} takes the tokens that are for it`, async (test) => {
    const orders = await started(test, name, {});
    const config = await configured({ ...itself, scope: "orders:read orders:write" });
    const token = async (scope, resource) => (await client.clientCredentialsGrant(config, { scope, resource })).access_token;

    const good = await token("orders:read", API);
    const answer = await orders(good);
    assert.deepEqual([answer.status, (await answer.json()).for], [200, config.clientMetadata().client_id]);
    const [header, payload, signature] = good.split(".");
    const altered = [header, payload, signature.split("").reverse().join("")].join(".");
    for (const [shown, status, error] of [
      [undefined, 401, "invalid_token"],
      ["nonsense", 401, "invalid_token"],
      [altered, 401, "invalid_token"],
      [await token("orders:read", "https://other.example.com"), 401, "invalid_token"],
      [await token("orders:write", API), 403, "insufficient_scope"],
    ]) {
      const refused = await orders(shown);
      assert.deepEqual([refused.status, refused.headers.get("www-authenticate")], [status, `Bearer error="${error}"`]);
    }
  });

  test(`${name} takes no token that has expired`, async (test) => {
    const orders = await started(test, name, {});
    const config = await configured({ ...itself, scope: "orders:read", lifetimes: { access_token_lifetime: 1 } });
    const { access_token } = await client.clientCredentialsGrant(config, { resource: API });
    await until(async () => (await orders(access_token)).status === 401);
  });

  test(`${name} takes no ID token, though it has the right issuer, audience and algorithm`, async (test) => {
    const config = await configured({ id_token_signed_response_alg: "ES256" });
    const orders = await started(test, name, { AUDIENCE: config.clientMetadata().client_id });
    assert.equal((await orders((await login(config)).id_token)).status, 401);
  });
}

async function started(test, name, environment) {
  const port = String(await freePort());
  const address = `http://127.0.0.1:${port}/orders`;
  await program(test, address, "resource-server.md", name, { ISSUER: issuer.origin, PORT: port, ...environment });
  return (token) => fetch(address, { headers: token ? { authorization: `Bearer ${token}` } : {} });
}
