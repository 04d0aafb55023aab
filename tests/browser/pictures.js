// Pictures of pages for the documentation, written anew where SIGNET_UPDATE_DOCS asks for it.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../docs/src/images/pages/', import.meta.url));

/** The names of those that were taken. */
export const taken = new Set();

/** A page as it is, in both colour schemes. */
export async function take(page, name) {
  taken.add(name);
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    const picture = await page.screenshot({ fullPage: true });
    if (process.env.SIGNET_UPDATE_DOCS) keep(`${name}-${colorScheme}.png`, picture);
  }
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
