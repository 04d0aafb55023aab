// The browser of a user who logs in and says yes. It keeps cookies, runs no script, and never leaves this machine.

import { once } from "node:events";
import http from "node:http";
import { text } from "node:stream/consumers";

const MOST_STEPS = 20;

export class Browser {
  #cookies = new Map();
  #fills;
  #presses;

  /** What is typed into fields of these names, and which buttons are pressed where they are there; else the first is. */
  constructor({ fills = {}, presses = ["allow", "logout"] } = {}) {
    this.#fills = { login: process.env.SIGNET_USER, password: process.env.SIGNET_PASSWORD, ...fills };
    this.#presses = presses;
  }

  /** One step: an address, and the form that is sent to it, if any. */
  async request({ url, form }) {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const type = form ? { "content-type": "application/x-www-form-urlencoded" } : {};
    const headers = { accept: "text/html", cookie, ...type };
    // Not fetch, which says that it is a script and not somebody who reads.
    const request = http.request(url, { method: form ? "POST" : "GET", headers });
    request.end(form?.toString());
    const [answer] = await once(request, "response");
    const { location, "set-cookie": lines = [] } = answer.headers;
    lines.forEach((line) => this.#keep(line));
    const next = location ? { url: new URL(location, url) } : undefined;
    return { url: new URL(url), status: answer.statusCode, html: await text(answer), next };
  }

  /** Through redirects and the provider's forms, to a page that asks nothing or to what would be sent elsewhere. */
  async visit(url) {
    let step = { url: new URL(url) };
    for (let count = 0; count < MOST_STEPS; count++) {
      if (step.url.hostname !== "127.0.0.1") return step;
      const page = await this.request(step);
      step = page.next ?? (await this.#answer(page));
      if (!step) return page;
    }
    throw new Error("it went round and round");
  }

  /** Ports do not part cookies from each other (RFC 6265 §8.5), and all that is visited here is one host. */
  #keep(line) {
    const [, name, value] = /^([^=]*)=([^;]*)/.exec(line);
    const expires = new Date(/;\s*expires=([^;]*)/i.exec(line)?.[1]);
    if (value === "" || /;\s*max-age=0\b/i.test(line) || expires < new Date()) this.#cookies.delete(name);
    else this.#cookies.set(name, value);
  }

  async #answer(page) {
    if (page.url.origin !== new URL(process.env.SIGNET_ISSUER).origin) return undefined;
    // Clients that are told in frames of a logout, and the link to where it goes on from there.
    for (const { src } of elements("iframe", page.html)) await this.request({ url: new URL(src, page.url) });
    const link = elements("a", page.html).find(({ id }) => id === "next");
    if (link) return { url: new URL(link.href, page.url) };
    return this.#filled(page);
  }

  /** The form of a page, with its button pressed. */
  #filled({ url, html }) {
    const [, action, content] = /<form method="post" action="([^"]*)">(.*?)<\/form>/s.exec(html) ?? [];
    if (action === undefined) return undefined;
    const fields = elements("input", content).filter(({ type, checked }) => type !== "checkbox" || checked !== undefined);
    const form = new URLSearchParams(fields.map(({ name, value = "" }) => [name, this.#fills[name] ?? value]));
    const buttons = elements("button", content);
    const { name, value } = buttons.find(({ value }) => this.#presses.includes(value)) ?? buttons[0];
    if (name) form.set(name, value);
    return { url: new URL(unescape(action), url), form };
  }
}

/** The attributes of all elements of a name. */
function elements(tag, html) {
  const found = [...html.matchAll(new RegExp(`<${tag}\\b([^>]*)>`, "g"))];
  return found.map(([, inner]) => {
    const attributes = [...inner.matchAll(/([\w-]+)(?:="([^"]*)")?/g)];
    return Object.fromEntries(attributes.map(([, name, value = ""]) => [name, unescape(value)]));
  });
}

function unescape(html) {
  const named = { amp: "&", lt: "<", gt: ">", quot: '"' };
  return html.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hexadecimal, name) => {
    if (name) return named[name] ?? whole;
    return String.fromCodePoint(decimal ? Number(decimal) : Number.parseInt(hexadecimal, 16));
  });
}
