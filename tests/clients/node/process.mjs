// Programs that a test runs: they come with a directory and a port of their own, and go with the test.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "./provider.mjs";

export async function directory(test) {
  const path = await mkdtemp(join(tmpdir(), "signet-clients-"));
  test.after(() => rm(path, { recursive: true }));
  return path;
}

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Runs until the test ends; comes back once something listens at the address. */
export async function run(test, address, command, parameters, options) {
  const child = spawn(command, parameters, { stdio: ["ignore", "ignore", "inherit"], ...options });
  const ended = once(child, "exit");
  test.after(async () => {
    child.kill();
    await ended;
  });
  await until(async () => {
    assert.equal(child.exitCode, null, `${command} ended`);
    return fetch(address, { redirect: "manual" }).then(() => true, () => false);
  });
}
