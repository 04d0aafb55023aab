// The web servers of the how-tos log a user in and out.

import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeJwt } from "jose";
import { Browser } from "./browser.mjs";
import { output, program } from "./howto.mjs";
import { directory, freePort } from "./process.mjs";
import { issuer, registered } from "./provider.mjs";

for (const [page, name] of [
  ["login-node.md", "login.mjs"],
  ["login-python.md", "login.py"],
]) {
  test(`${name} of ${page} logs a user in and out`, async (test) => {
    const origin = `http://127.0.0.1:${await freePort()}`;
    const { client_id, client_secret } = await registered({
      redirect_uris: [`${origin}/callback`],
      post_logout_redirect_uris: [`${origin}/`],
    });
    const environment = { ISSUER: issuer.origin, CLIENT_ID: client_id, CLIENT_SECRET: client_secret, ORIGIN: origin };
    await program(test, `${origin}/`, page, name, environment);

    const browser = new Browser();
    const home = async () => (await browser.visit(`${origin}/`)).html;
    assert.match(await home(), /Log in/);
    const entered = await browser.visit(`${origin}/login`);
    assert.equal(entered.url.href, `${origin}/`);
    assert.match(entered.html, new RegExp(process.env.SIGNET_USER));
    assert.match(await home(), /Log out/);
    // An answer that another browser's request got opens nothing.
    assert.equal((await new Browser().visit(`${origin}/callback?code=x&state=y`)).status, 400);

    const left = await browser.visit(`${origin}/logout`);
    assert.equal(left.url.origin + left.url.pathname, `${origin}/`);
    assert.match(await home(), /Log in/);
    const { next: again } = await browser.request({ url: `${origin}/login` });
    again.url.searchParams.set("prompt", "none");
    const { next: told } = await browser.request(again);
    assert.equal(told.url.searchParams.get("error"), "login_required", "the provider's session has ended as well");
  });
}

test("nightly.py of login-python.md gets a token for itself, with the key of key.py", async (test) => {
  const cwd = await directory(test);
  const jwks = JSON.parse(await output(cwd, "login-python.md", "key.py", {}));
  const { client_id } = await registered({
    grant_types: ["client_credentials"],
    response_types: [],
    redirect_uris: [],
    scope: "orders:read",
    token_endpoint_auth_method: "private_key_jwt",
    jwks,
  });
  const token = await output(cwd, "login-python.md", "nightly.py", { ISSUER: issuer.origin, CLIENT_ID: client_id });
  const claims = decodeJwt(token);
  assert.deepEqual([claims.client_id, claims.scope, claims.aud], [client_id, "orders:read", "https://api.example.com"]);
});
