/** Keys of a band that only MACs, derived from its site's master, and a band's adverts. */
import { advertKey, privateAddress, sealAdvert } from '../../ble/index.js';
import { fromHex, toHex } from '../../bytes.js';
import { encode } from '../../cbor/index.js';
import { align } from '../../cbor-text/index.js';
import { deriveDeviceKey, type KeyDirection, type MacPurpose } from '../../keys/index.js';
import { seedOf } from '../../test-support/keys.js';
import type { VectorCase, VectorFile } from '../format.js';
import { damaged } from './cose.js';
import { invalid, valid, vectorFile } from './draft.js';
import { site } from './scene.js';

const device = 'band-2';
const names = ['label', 'version', 'use', 'site', 'device', 'generation'];
const purposeNames = ['label', 'version', 'purpose', 'direction', 'site', 'device'];
const label = (elements: readonly string[]) => ({ elements: elements.map((name) => ({ name })) });

const USES: readonly (readonly [MacPurpose | 'session', KeyDirection])[] = [
  ...(['seal', 'answer', 'attest', 'session'] as const).map((purpose) => [purpose, 'up'] as const),
  ...(['ack', 'clock', 'policy', 'session'] as const).map((purpose) => [purpose, 'down'] as const),
];

export const derivedKeyFile = (): VectorFile => {
  const master = seedOf('site master');
  const key = deriveDeviceKey(master, { site, device }, 1);
  const info = encode(['timeband', 1, 'device-key', site, device, 1]);
  const about = { label: label(names), context: { secret: master }, cddl: 'device-key-info' };
  const uses = USES.map(([purpose, direction]): VectorCase => {
    const bytes = encode(['timeband', 1, purpose, direction, site, device]);
    const use = { label: label(purposeNames), context: { secret: key.export() }, cddl: 'purpose-key-info' };
    return valid(`${purpose}, ${direction}`, bytes, { key: key.keyFor(purpose, direction) }, use);
  });
  return vectorFile(
    {
      structure: 'derived-key',
      section: 'Keys of devices that only MAC',
      about:
        'The info of HKDF-Expand with SHA-256. A device key is expanded from HKDF-Extract("timeband", master), a purpose’s key from the device key; the context has the secret.',
    },
    {},
    [
      valid('a device key, first generation', info, { key: key.export(), thumbprint: key.thumbprint }, about),
      ...uses,
      invalid('a master of 31 bytes', info, 'cose/key', {
        label: label(names),
        context: { secret: master.subarray(1) },
      }),
    ],
  );
};

export const advertFile = (): VectorFile => {
  const irk = fromHex('ec0234a357c8ad05341010a60a397d9b'); // Bluetooth Core, Vol 3 Part H, Appendix D.7
  const address = privateAddress(irk, fromHex('708194'));
  const state = { help: false, pressed: true, full: false, clockUnset: false, battery: 87, waiting: 12 };
  const calling = { ...state, help: true, waiting: 0xffff };
  const data = sealAdvert(advertKey(irk), address, 513, state);
  const help = sealAdvert(advertKey(irk), address, 514, calling);
  const context = { irk, address };
  const lines = (bytes: Uint8Array): string[] => [
    ...align([
      { hex: toHex(bytes.subarray(0, 2)), comment: 'counter' },
      { hex: toHex(bytes.subarray(2, 6)), comment: 'state, encrypted' },
      { hex: toHex(bytes.subarray(6)), comment: 'MAC' },
    ]),
  ];
  const seen = (name: string, bytes: Uint8Array, decoded: unknown, more: object = {}): VectorCase =>
    valid(name, bytes, decoded, { context: { ...context, ...more }, lines: lines(bytes) });
  return vectorFile(
    {
      structure: 'advert',
      section: 'Adverts',
      about:
        'Service data of adverts under an address, seen by who has the band’s identity resolving key. What it can make nothing of is no error: null.',
    },
    {},
    [
      seen('a band whose button was just pressed', data, { state, counter: 513 }),
      seen('a band that calls for help', help, { state: calling, counter: 514 }),
      seen('one bit changed', damaged(data), null),
      seen('under another band’s key', data, null, { irk: seedOf('another').subarray(0, 16) }),
      seen('under an address that does not resolve', data, null, { address: damaged(address) }),
      seen('a byte short', data.subarray(0, 9), null),
    ],
  );
};
