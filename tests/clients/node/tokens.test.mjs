// What tokens are worth, and taking them back.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as client from "openid-client";
import { configured, login } from "./provider.mjs";

test("introspection tells what a token is worth", async () => {
  const config = await configured();
  const tokens = await login(config);
  const worth = await client.tokenIntrospection(config, tokens.access_token);
  assert.deepEqual([worth.active, worth.sub, worth.client_id], [true, tokens.claims().sub, config.clientMetadata().client_id]);
  assert.deepEqual(await client.tokenIntrospection(config, "unknown"), { active: false });
});

test("a revoked refresh token takes its access tokens along", async () => {
  const config = await configured();
  const tokens = await login(config);
  await client.tokenRevocation(config, tokens.refresh_token);
  assert.deepEqual(await client.tokenIntrospection(config, tokens.access_token), { active: false });
  await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token), { error: "invalid_grant" });
  await assert.rejects(client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub), ({ cause }) => {
    const [{ scheme, parameters }] = cause;
    return scheme === "bearer" && parameters.error === "invalid_token";
  });
  await client.tokenRevocation(config, "unknown");
});

test("a client gets tokens for itself, for the resource that it names", async () => {
  const config = await configured({ grant_types: ["client_credentials"], response_types: [], redirect_uris: [], scope: "orders:read orders:write" });
  const tokens = await client.clientCredentialsGrant(config, { scope: "orders:read", resource: "https://api.example/" });
  const worth = await client.tokenIntrospection(config, tokens.access_token);
  assert.deepEqual([worth.scope, worth.aud], ["orders:read", "https://api.example/"]);
  await assert.rejects(client.clientCredentialsGrant(config, { scope: "admin" }), { error: "invalid_scope" });
});
