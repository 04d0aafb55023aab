// Connecting a device that shows a code.

import assert from 'node:assert/strict';
import { Device, NAME } from './device.js';
import { issuer } from './signet.js';
import { visitBothWays } from './visitor.js';

const ENTER = 'Connect a device';
const CONFIRM = `Connect ${NAME} to your account?`;

/** Up to the question whether it is theirs, with the code as people type it. */
async function compares(ann, device) {
  assert.equal(device.address, `${issuer}/device`);
  await ann.opens(device.address);
  await ann.logsIn();
  await ann.sees(ENTER);
  await ann.fills('Code', device.code.toLowerCase().replace('-', ''));
  await ann.presses('Continue');
  await ann.sees(CONFIRM);
  await ann.reads(device.code);
  await ann.reads(`You are logged in as ${ann.email}.`);
}

visitBothWays('whoever types the code of a device and allows it connects it', async ({ ann }) => {
  const device = await Device.begin();
  await compares(ann, device);
  await ann.presses('Allow');
  await ann.sees('Device connected');
  const tokens = await device.asks();
  assert.equal(tokens.status, 200, JSON.stringify(tokens));
  assert.ok(tokens.access_token && tokens.refresh_token && tokens.id_token);
});

visitBothWays('whoever denies it does not', async ({ ann }) => {
  const device = await Device.begin();
  await compares(ann, device);
  await ann.presses('Deny');
  await ann.sees('Device not connected');
  assert.equal((await device.asks()).error, 'access_denied');
});

visitBothWays('a wrong code is told, and the right one still serves', async ({ ann }) => {
  const device = await Device.begin();
  await ann.opens(device.address);
  await ann.logsIn();
  await ann.sees(ENTER);
  await ann.fills('Code', 'wrong code');
  await ann.presses('Continue');
  await ann.sees(ENTER);
  assert.equal(ann.status, 422);
  await ann.reads('This code is wrong or has expired. Check it, or start again on your device.');
  await ann.finds('Code', 'wrong code');
  await ann.fills('Code', device.code);
  await ann.presses('Continue');
  await ann.sees(CONFIRM);
});

visitBothWays('the address that holds the code already leads to the question', async ({ ann }) => {
  const device = await Device.begin();
  await ann.opens(device.begun.verification_uri_complete);
  await ann.logsIn();
  await ann.sees(CONFIRM);
  await ann.reads(device.code);
  await ann.presses('Allow');
  await ann.sees('Device connected');
  assert.equal((await device.asks()).status, 200);
});
