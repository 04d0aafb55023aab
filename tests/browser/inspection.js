// What has to be right about a page wherever it is met.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The narrowest width at which nothing scrolls sideways (WCAG 2.2 §1.4.10). */
const NARROW = 320;

/** What is wrong with a page, in both colour schemes and on a narrow screen. */
export async function inspect(page) {
  await page.evaluate(axe);
  const light = await barriers(page, 'light');
  const dark = await barriers(page, 'dark');
  await page.emulateMedia({ colorScheme: 'light' });
  return [...light, ...dark, ...(await overflow(page))];
}

async function barriers(page, colorScheme) {
  await page.emulateMedia({ colorScheme });
  // What stands in frames is not ours.
  const { violations } = await page.evaluate(() => globalThis.axe.run({ iframes: false }));
  return violations.map(({ impact, help, nodes }) => `${impact}, ${colorScheme}: ${help}: ${nodes[0].html}`);
}

async function overflow(page) {
  const usual = page.viewportSize();
  await page.setViewportSize({ width: NARROW, height: usual.height });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  await page.setViewportSize(usual);
  return width > NARROW ? [`scrolls sideways: ${width} px on ${NARROW}`] : [];
}
