// The mails that the server writes as files.

import { on } from 'node:events';
import { mkdirSync, readFileSync, readdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import { given } from './signet.js';

const PATIENCE = 30_000;
const folder = given('SIGNET_MAIL_DIR');

/** The link in the mail to this address, as soon as it is there. */
export async function linkMailedTo(email) {
  mkdirSync(folder, { recursive: true });
  const watcher = watch(folder);
  // Watched first and read then, so that no mail comes in between.
  const changes = on(watcher, 'change', { signal: AbortSignal.timeout(PATIENCE) });
  try {
    for (;;) {
      const link = find(email);
      if (link) return link;
      await changes.next();
    }
  } finally {
    watcher.close();
  }
}

function find(email) {
  const names = readdirSync(folder).filter((name) => name.endsWith('.eml'));
  const mails = names.map((name) => decode(readFileSync(join(folder, name), 'utf8')));
  const mail = mails.find((text) => text.includes(`To: ${email}`));
  return mail?.match(/https?:\S+\?token=[\w-]+/)?.[0];
}

/** Quoted-printable (RFC 2045 §6.7). */
function decode(text) {
  return text.replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/g, (_, code) => String.fromCharCode(parseInt(code, 16)));
}
