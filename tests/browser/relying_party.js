// A client of OpenID Connect: a small HTTP server that shows and remembers what browsers bring it.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { createClient, issuer } from './signet.js';

export const BACK = 'Back at the shop';

const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><rect width="48" height="48" fill="#0b7a75"/>
<path d="M6 36 18 20l8 10 6-7 10 13z" fill="#fff"/><circle cx="33" cy="14" r="4" fill="#fff"/></svg>`;

const PAGE = `<!DOCTYPE html><html lang="en"><meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,"><title>Shop</title><main><h1>${BACK}</h1></main></html>`;

const random = () => randomBytes(32).toString('base64url');

export class RelyingParty {
  #server = createServer((request, response) => this.#receive(request, response));
  /** What browsers brought: the method, the path, and the parameters. */
  visits = [];

  /** A registered client, with other metadata in place of the usual; they may take its address. */
  static async open(metadata = () => ({})) {
    const shop = new RelyingParty();
    shop.#server.listen(0, '127.0.0.1');
    await once(shop.#server, 'listening');
    shop.address = `http://127.0.0.1:${shop.#server.address().port}`;
    shop.registration = await createClient({
      client_name: 'Photo Album',
      logo_uri: `${shop.address}/logo.svg`,
      policy_uri: `${shop.address}/privacy`,
      tos_uri: `${shop.address}/terms`,
      redirect_uris: [`${shop.address}/callback`],
      post_logout_redirect_uris: [`${shop.address}/bye`],
      grant_types: ['authorization_code', 'refresh_token'],
      ...metadata(shop.address),
    });
    return shop;
  }

  async close() {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  async #receive(request, response) {
    const { pathname, searchParams } = new URL(request.url, this.address);
    if (pathname === '/logo.svg') return response.setHeader('content-type', 'image/svg+xml').end(LOGO);
    const form = new URLSearchParams(await text(request));
    this.visits.push({ method: request.method, pathname, ...Object.fromEntries([...searchParams, ...form]) });
    response.setHeader('content-type', 'text/html; charset=utf-8').end(PAGE);
  }

  /** An authorization request: its address, and what the client remembers of it. */
  asks(parameters = {}) {
    const [state, verifier] = [random(), random()];
    const url = new URL('/oauth2/authorize', issuer);
    url.search = new URLSearchParams({
      client_id: this.registration.client_id,
      redirect_uri: `${this.address}/callback`,
      response_type: 'code',
      scope: 'openid email',
      state,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...parameters,
    });
    return { url: url.href, state, verifier };
  }

  /** The one answer to a request. */
  answer(request) {
    const answers = this.visits.filter((visit) => visit.state === request.state);
    assert.equal(answers.length, 1, `one answer to ${request.url}`);
    assert.equal(answers[0].iss, issuer);
    return answers[0];
  }

  /** What the code in the answer is good for. */
  async redeem(request) {
    const { client_id: id, client_secret: secret } = this.registration;
    const response = await fetch(new URL('/oauth2/token', issuer), {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code: this.answer(request).code,
        redirect_uri: `${this.address}/callback`,
        code_verifier: request.verifier,
      }),
    });
    const tokens = await response.json();
    assert.equal(response.status, 200, JSON.stringify(tokens));
    return tokens;
  }
}
