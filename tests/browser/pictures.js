// Pictures of pages for the documentation, written anew where SIGNET_UPDATE_DOCS asks for it.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../docs/src/images/pages/', import.meta.url));

/** The names of those that were taken. */
export const taken = new Set();

/** A page as it is, in both colour schemes; of a long one what stands between two elements. */
export async function take(page, name, between = {}) {
  taken.add(name);
  const clip = await part(page, between);
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    const picture = await page.screenshot({ fullPage: true, clip });
    if (process.env.SIGNET_UPDATE_DOCS) keep(`${name}-${colorScheme}.png`, picture);
  }
}

async function part(page, { from, until }) {
  const [width, bottom] = await page.evaluate(() => {
    const { clientWidth, scrollHeight } = document.documentElement;
    return [clientWidth, scrollHeight];
  });
  const y = from ? (await from.boundingBox()).y : 0;
  const end = until ? (await until.boundingBox()).y : bottom;
  return { x: 0, y, width, height: end - y };
}

/** The names of those that the documentation shows. */
export function shown() {
  const text = readFileSync(new URL('../../docs/src/reference/pages.md', import.meta.url), 'utf8');
  return new Set([...text.matchAll(/images\/pages\/(.+?)-(?:light|dark)\.png/g)].map(([, name]) => name));
}

function keep(name, picture) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(folder + name, picture);
}
