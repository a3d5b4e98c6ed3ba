/**
 * Keys of devices too small to sign: one master a site, one key a device, and from that one key for each purpose and
 * direction, all by HKDF with SHA-256 (RFC 5869; SPEC.md, Keys of devices that only MAC).
 */
import { encode } from '../cbor/index.js';
import {
  externalAad,
  KID_BYTES,
  mac0,
  symmetricThumbprint,
  verifyMac0,
  type CoseMessage,
} from '../cose/index.js';
import { ALG, hkdfExpand, hkdfExtract } from '../crypto/index.js';
import { CoseError } from '../errors.js';

/** Bytes of a site's master and of every key derived from it. */
export const SECRET_BYTES = 32;

const SALT = new TextEncoder().encode('timeband');

/** `up`: the device makes it, a gateway checks it. `down`: a gateway makes it, the device checks it. */
export type KeyDirection = 'up' | 'down';

/** What is authenticated by MAC, and who makes it. */
const DIRECTION = {
  seal: 'up',
  answer: 'up',
  attest: 'up',
  ack: 'down',
  clock: 'down',
  policy: 'down',
  wipe: 'down',
} as const satisfies Record<string, KeyDirection>;
export type MacPurpose = keyof typeof DIRECTION;

/** Whose key it is. */
export interface DeviceKeyOwner {
  readonly site: string;
  readonly device: string;
}

/**
 * The key that a device without signatures shares with its site's gateways. It lives in the device, and on each
 * gateway of the device's own site in a file that only the gateway can read. Whoever has it can speak for the
 * device and, to the device, for the gateways; nothing else.
 */
export class DeviceKey implements DeviceKeyOwner {
  readonly algorithm = ALG.HMAC256;
  /** By this the device's certificate names the key (RFC 9679), 32 bytes. */
  readonly thumbprint: Uint8Array;
  /** First 8 bytes of the thumbprint. */
  readonly kid: Uint8Array;
  readonly #secret: Uint8Array;
  readonly #derived = new Map<string, Uint8Array>();

  /** @throws CoseError `cose/key` for a secret that is not 32 bytes */
  constructor(
    readonly site: string,
    readonly device: string,
    secret: Uint8Array,
  ) {
    if (secret.length !== SECRET_BYTES) throw new CoseError('cose/key', 'a device key is not 32 bytes');
    this.#secret = Uint8Array.from(secret);
    this.thumbprint = symmetricThumbprint(secret);
    this.kid = this.thumbprint.subarray(0, KID_BYTES);
  }

  /**
   * The key of one purpose in one direction, 32 bytes:
   * `HKDF-Expand(device key, CBOR["timeband", 1, purpose, direction, site, device], 32)`.
   * It may live in memory only, on either side.
   */
  keyFor(purpose: MacPurpose | 'session', direction: KeyDirection): Uint8Array {
    const name = `${purpose}/${direction}`;
    let key = this.#derived.get(name);
    if (key === undefined) {
      const info = encode(['timeband', 1, purpose, direction, this.site, this.device]);
      key = hkdfExpand(this.#secret, info, SECRET_BYTES);
      this.#derived.set(name, key);
    }
    return key;
  }

  /** A payload as a COSE_Mac0 under the key of its purpose. */
  mac(purpose: MacPurpose, site: string, payload: Uint8Array, options?: { detached?: boolean }): Uint8Array {
    const key = this.keyFor(purpose, DIRECTION[purpose]);
    return mac0(key, this.kid, externalAad(purpose, site), payload, options);
  }

  /** @returns the payload that was authenticated @throws CoseError */
  verify(message: CoseMessage, purpose: MacPurpose, site: string, detached?: Uint8Array): Uint8Array {
    const key = this.keyFor(purpose, DIRECTION[purpose]);
    return verifyMac0(message, key, this.kid, externalAad(purpose, site), detached);
  }

  /** The 32 bytes, for the file or the flash they are kept in. */
  export(): Uint8Array {
    return Uint8Array.from(this.#secret);
  }

  /** Keeps the secret out of logs and error reports. */
  toJSON(): string {
    return `the device key of ${this.device}`;
  }
}

/**
 * Derives a device's key from its site's master:
 * `HKDF-Expand(HKDF-Extract("timeband", master), CBOR["timeband", 1, "device-key", site, device, generation], 32)`.
 *
 * The master lives with the issuer alone, beside the issuer's key, and never on a gateway: who has it can make every
 * device key of the site. `generation` counts from 1 and grows when a key is to be replaced.
 *
 * @throws CoseError `cose/key` for a master that is not 32 bytes
 */
export function deriveDeviceKey(
  master: Uint8Array,
  { site, device }: DeviceKeyOwner,
  generation: number,
): DeviceKey {
  if (master.length !== SECRET_BYTES) throw new CoseError('cose/key', 'a site master is not 32 bytes');
  const info = encode(['timeband', 1, 'device-key', site, device, generation]);
  return new DeviceKey(site, device, hkdfExpand(hkdfExtract(SALT, master), info, SECRET_BYTES));
}
