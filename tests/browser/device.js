// A device that shows a code and has no browser (RFC 8628).

import assert from 'node:assert/strict';
import { createClient, issuer } from './signet.js';

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';

export const NAME = 'Television';

async function send(path, parameters) {
  const response = await fetch(issuer + path, { method: 'POST', body: new URLSearchParams(parameters) });
  return { status: response.status, ...(await response.json()) };
}

export class Device {
  /** One that has just been switched on, and shows its code. */
  static async begin(scope = 'openid email offline_access') {
    const device = new Device();
    const { client_id: id } = await createClient({
      client_name: NAME,
      token_endpoint_auth_method: 'none',
      grant_types: [DEVICE_CODE, 'refresh_token'],
      response_types: [],
      redirect_uris: [],
    });
    device.id = id;
    const begun = await send('/oauth2/device_authorization', { client_id: id, scope });
    assert.equal(begun.status, 200, JSON.stringify(begun));
    device.begun = begun;
    return device;
  }

  /** What it tells its user to type, and where. */
  get code() {
    return this.begun.user_code;
  }

  get address() {
    return this.begun.verification_uri;
  }

  /** What it hears once its user has answered. */
  asks() {
    const { device_code: code } = this.begun;
    return send('/oauth2/token', { client_id: this.id, grant_type: DEVICE_CODE, device_code: code });
  }
}
