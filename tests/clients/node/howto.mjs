// What stands in the how-tos, to be run as it stands there.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { directory, run } from "./process.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The block of code after the name of its file. */
export async function file(page, name) {
  const text = await readFile(here(`../../../docs/src/how-to/${page}`), "utf8");
  const [, rest] = text.split(`\n\`${name}\`:\n\n`);
  const [, code] = /^```\w+\n(.*?\n)```$/ms.exec(rest) ?? [];
  assert.ok(code, `${page} has no ${name}`);
  return code;
}

/** Runs a program until the test ends, and comes back once it listens. */
export async function program(test, address, page, name, environment) {
  const cwd = await directory(test);
  await run(test, address, await put(cwd, page, name), [name], { cwd, env: { ...process.env, ...environment } });
}

/** Runs a program to its end, and tells what it printed. */
export async function output(cwd, page, name, environment) {
  const options = { cwd, env: { ...process.env, ...environment } };
  const { stdout } = await promisify(execFile)(await put(cwd, page, name), [name], options);
  return stdout.trim();
}

/** Puts a program where it can run, and tells what runs it. */
async function put(cwd, page, name) {
  await writeFile(join(cwd, name), await file(page, name));
  if (name.endsWith(".py")) return here("../.venv/bin/python");
  await symlink(here("../node_modules"), join(cwd, "node_modules"));
  return process.execPath;
}
