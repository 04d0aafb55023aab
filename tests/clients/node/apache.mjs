// An Apache with mod_auth_openidc in front of an application, set up as the how-to says.

import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { file } from "./howto.mjs";
import { directory, freePort, run } from "./process.mjs";
import { issuer, registered } from "./provider.mjs";

const MODULES = ["mpm_event", "authn_core", "authz_core", "authz_user", "auth_openidc", "proxy", "proxy_http"];

/** Comes back with the address of a site that is protected, which goes with the test. */
export async function site(test, { logout }) {
  const origin = `http://127.0.0.1:${await freePort()}`;
  const client = await registered({
    redirect_uris: [`${origin}/oidc`],
    post_logout_redirect_uris: [`${origin}/bye`],
    ...logout(`${origin}/oidc`),
  });
  const root = await directory(test);
  await writeFile(join(root, "login.conf"), await file("login-apache.md", "/etc/apache2/conf-available/shop-login.conf"));
  await writeFile(join(root, "apache.conf"), configuration(root, origin, client, await application(test)));
  await run(test, `${origin}/bye`, "apache2", ["-d", root, "-f", "apache.conf", "-DFOREGROUND"], {});
  return origin;
}

function configuration(root, origin, client, application) {
  return `
${MODULES.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join("\n")}
# Its children's, where root starts it; else it says that it passes over this.
User www-data
Group www-data
Listen ${new URL(origin).host}
ServerName ${new URL(origin).hostname}
PidFile ${root}/apache.pid
DefaultRuntimeDir ${root}
ErrorLog "|$cat >&2"
Define ISSUER ${issuer.origin}
Define SITE ${origin}
Define APPLICATION ${application}
Define CLIENT_ID ${client.client_id}
Define CLIENT_SECRET ${client.client_secret}
Define PASSPHRASE of-this-test-alone
Include login.conf
`;
}

/** It tells who Apache says is there. */
async function application(test) {
  const server = createServer((request, response) => response.end(JSON.stringify(request.headers)));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  test.after(() => server.close());
  return `http://127.0.0.1:${server.address().port}`;
}
