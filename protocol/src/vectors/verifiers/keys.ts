/** Keys that are derived, and adverts under one of them (SPEC.md, Keys of devices that only MAC, Adverts). */
import { advertKey, openAdvert, resolves } from '../../ble/index.js';
import { decodeStrict } from '../../cbor/index.js';
import { DeviceKey, deriveDeviceKey, type KeyDirection, type MacPurpose } from '../../keys/index.js';
import { VectorFormatError } from '../format.js';
import type { Verify } from './verify.js';

const PURPOSES = ['seal', 'answer', 'attest', 'ack', 'clock', 'policy', 'wipe', 'session'] as const;
type Purpose = MacPurpose | 'session';

/** The `info` of HKDF-Expand. `context.secret` is a site's master, or a device's key. */
export const derivedKey: Verify = (bytes, context) => {
  const info = decodeStrict(bytes);
  const [, , what, ...rest] = Array.isArray(info) ? (info as readonly unknown[]) : [];
  if (what === 'device-key') {
    const [site, device, generation] = rest;
    if (typeof site !== 'string' || typeof device !== 'string' || typeof generation !== 'number') {
      throw new VectorFormatError('not the info of a device key');
    }
    const key = deriveDeviceKey(context.bytes('secret'), { site, device }, generation);
    return { key: key.export(), thumbprint: key.thumbprint };
  }
  const [direction, site, device] = rest;
  const purpose = PURPOSES.find((known): known is Purpose => known === what);
  if (
    purpose === undefined ||
    !isDirection(direction) ||
    typeof site !== 'string' ||
    typeof device !== 'string'
  ) {
    throw new VectorFormatError('not the info of a key for a purpose');
  }
  return { key: new DeviceKey(site, device, context.bytes('secret')).keyFor(purpose, direction) };
};

/** Service data; null where a gateway with this identity resolving key can make nothing of it. */
export const advert: Verify = (bytes, context) => {
  const irk = context.bytes('irk');
  const address = context.bytes('address');
  const opened = resolves(irk, address) ? openAdvert(advertKey(irk), address, bytes) : undefined;
  return opened ?? null;
};

function isDirection(value: unknown): value is KeyDirection {
  return value === 'up' || value === 'down';
}
