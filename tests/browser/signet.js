// The server under test, and what an operator does there.

import assert from 'node:assert/strict';

export const PASSWORD = 'tangled-harbour-violin';

export function given(name) {
  assert.ok(process.env[name], `${name} is not set: cargo test starts these files, see tests/it/real_browser.rs`);
  return process.env[name];
}

export const issuer = given('SIGNET_ISSUER');

async function call(method, path, body, headers) {
  const response = await fetch(issuer + path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
  return JSON.parse(text);
}

const post = (path, body, headers) => call('POST', path, body, headers);

const operator = { authorization: `Bearer ${given('SIGNET_ADMIN_TOKEN')}` };

/** A client, with its id and secret. */
export const createClient = (metadata) => post('/admin/v1/clients', metadata, operator);

export const changeSettings = (settings) =>
  call('PATCH', '/admin/v1/settings', settings, { ...operator, 'if-match': '*' });

let users = 0;

/** Somebody new; returns their address. */
export async function register(email = `ann.${(users += 1)}@example.com`) {
  await post('/api/register/', { email, password: PASSWORD });
  return email;
}

/** A password for once, which an operator gives somebody. */
export async function giveTemporaryPassword(email) {
  const found = await call('GET', `/admin/v1/users?filter=email:${encodeURIComponent(email)}`, undefined, operator);
  const { id } = found.items.find((user) => user.email === email);
  return (await post(`/admin/v1/users/${id}/password`, {}, operator)).temporary_password;
}

/** Logs in without a browser; fails where the password is wrong. */
export const logIn = (email, password) => post('/api/login/', { email, password });
