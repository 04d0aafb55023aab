// Somebody with a browser. Every page they say they see is inspected; everything on the way is watched.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { inspect } from './inspection.js';
import { take } from './pictures.js';
import { BACK, RelyingParty } from './relying_party.js';
import { PASSWORD, register } from './signet.js';
import { watch } from './watch.js';

const FLAGS = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-gpu',
  '--disable-quic',
  '--disable-sync',
  '--no-first-run',
];

export const CONSENT = 'Allow Photo Album to access your account?';

const VIEWPORT = { width: 900, height: 700 };

let browser;

before(async () => {
  browser = await chromium.launch({
    executablePath: process.env.SIGNET_CHROMIUM ?? '/usr/bin/chromium',
    chromiumSandbox: false,
    args: FLAGS,
  });
});

after(() => browser.close());

export class Visitor {
  faults = [];
  /** The status of the page they are on. */
  status;

  /** With a browser that knows nothing yet. */
  static async arrive({ javaScript = true, email, ...options } = {}) {
    const visitor = new Visitor();
    visitor.email = email;
    visitor.context = await browser.newContext({ viewport: VIEWPORT, reducedMotion: 'reduce', ...options });
    await watch(visitor.context, visitor.faults);
    visitor.javaScript = javaScript;
    await visitor.#turnTo(await visitor.context.newPage());
    return visitor;
  }

  /** The same person in a second tab. */
  async secondTab() {
    const tab = Object.assign(new Visitor(), this);
    await tab.#turnTo(await this.context.newPage());
    return tab;
  }

  async #turnTo(page) {
    this.page = page;
    page.on('response', (response) => {
      if (response.request().isNavigationRequest() && response.frame() === page.mainFrame()) {
        this.status = response.status();
      }
    });
    this.protocol = await this.context.newCDPSession(page);
    await this.#allowScripts(this.javaScript);
  }

  #allowScripts(allowed) {
    return this.protocol.send('Emulation.setScriptExecutionDisabled', { value: !allowed });
  }

  get address() {
    return this.page.url();
  }

  async opens(url) {
    await this.page.goto(url);
  }

  /** The heading of the page they are on, or are being sent to. The page is inspected, which takes scripts. */
  async sees(heading) {
    await this.#waitFor(heading);
    await this.#allowScripts(true);
    const found = await inspect(this.page);
    await this.#allowScripts(this.javaScript);
    this.faults.push(...found.map((fault) => `${heading}: ${fault}`));
  }

  async #waitFor(heading) {
    try {
      await this.page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
    } catch {
      assert.fail(`${this.address} is not “${heading}” but: ${await this.page.locator('body').innerText()}`);
    }
  }

  async shows(heading, picture) {
    await this.sees(heading);
    await take(this.page, picture);
  }

  async reads(text) {
    await this.page.getByText(text).waitFor();
  }

  /** What a field holds already. */
  async finds(label, value) {
    assert.equal(await this.page.getByLabel(label, { exact: true }).inputValue(), value);
  }

  async fills(label, value) {
    await this.page.getByLabel(label, { exact: true }).fill(value);
  }

  async presses(name) {
    await this.arrivesAfter(() => this.page.getByRole('button', { name, exact: true }).click());
  }

  async follows(name) {
    await this.arrivesAfter(() => this.page.getByRole('link', { name, exact: true }).click());
  }

  /** On the next page, once it is loaded. */
  async arrivesAfter(deed) {
    const loaded = this.page.waitForEvent('load');
    await deed();
    await loaded;
  }

  async logsIn(password = PASSWORD) {
    await this.sees('Log in');
    await this.fills('Email address or username', this.email);
    await this.fills('Password', password);
    await this.presses('Log in');
  }

  /** Through login and consent, back to the client. */
  async goesThrough(request) {
    await this.opens(request.url);
    await this.logsIn();
    await this.sees(CONSENT);
    await this.presses('Allow');
    await this.sees(BACK);
  }

  async leaves() {
    await this.context.close();
    assert.deepEqual(this.faults, []);
  }
}

/** A test of a registered user in front of a browser, and of a client. */
export function visit(name, { client, email, ...browsing }, body) {
  test(name, async () => {
    const shop = await RelyingParty.open(client);
    const ann = await Visitor.arrive({ email: await register(email), ...browsing });
    try {
      await body({ ann, shop });
    } finally {
      await shop.close();
      await ann.leaves();
    }
  });
}

/** The same twice: with JavaScript, and without. */
export function visitBothWays(name, body, options = {}) {
  visit(name, options, body);
  visit(`${name}, without JavaScript`, { ...options, javaScript: false }, body);
}
