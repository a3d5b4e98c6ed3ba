/** A wipe: the signed order by which a device forgets its site, its key and its log (SPEC.md, Wipe). */
import { equalBytes } from '../bytes.js';
import { decodeStrict, encode, entries, Fields } from '../cbor/index.js';
import { decodeCose, externalAad, sign1, verifySign1 } from '../cose/index.js';
import type { PrivateKey } from '../crypto/index.js';
import type { TrustStore } from '../cwt/index.js';
import { ProvisioningError } from '../errors.js';
import { DeviceKey } from '../keys/index.js';
import { provisioningErrors } from './errors.js';

export interface Wipe {
  readonly site: string;
  readonly device: string;
  /** Of the key that is to be forgotten, 32 bytes: once it is, the order is worth nothing. */
  readonly thumbprint: Uint8Array;
  /** Unix seconds. */
  readonly at: number;
  /** Whether records that nobody acknowledged may be lost: the issuer alone may say so. */
  readonly force: boolean;
}

/** A technician signs with her certificate inside; without one it is the issuer, or who shares a key that only MACs. */
export function signWipe(key: PrivateKey | DeviceKey, wipe: Wipe, certificate?: Uint8Array): Uint8Array {
  const payload = encode(
    entries(
      [1, wipe.site],
      [2, wipe.device],
      [3, wipe.thumbprint],
      [4, wipe.at],
      [5, wipe.force ? true : undefined],
      [6, certificate],
    ),
  );
  return key instanceof DeviceKey
    ? key.mac('wipe', wipe.site, payload)
    : sign1(key, externalAad('wipe', wipe.site), payload);
}

/** Whom a device believes about a wipe: its trust store, or on a device that only MACs its own key. */
export interface WipeDemand {
  readonly source: TrustStore | DeviceKey;
  readonly site: string;
  readonly device: string;
  readonly thumbprint: Uint8Array;
  /** Unix seconds of a clock that was set. */
  readonly now: number | undefined;
}

/**
 * Opens an order as the device that it is for.
 * @throws ProvisioningError `provisioning/refused`, `provisioning/shape`
 */
export function openWipe(bytes: Uint8Array, { source, site, device, thumbprint, now }: WipeDemand): Wipe {
  return provisioningErrors('a wipe order', () => {
    const message = decodeCose(bytes);
    if (source instanceof DeviceKey) {
      return checked(readWipe(source.verify(message, 'wipe', site)).wipe, { site, device, thumbprint });
    }
    const { wipe, certificate } = readWipe(message.payload ?? new Uint8Array());
    const key =
      certificate === undefined
        ? source.speaker(message.kid, now)
        : source.verify(certificate, { roles: ['technician'], site, now });
    verifySign1(message, key.key, externalAad('wipe', site));
    if (key.role === 'root') throw refused('a root wipes no devices');
    if (wipe.force && key.role !== 'issuer') throw refused('only the issuer may give records up');
    return checked(wipe, { site, device, thumbprint });
  });
}

function readWipe(payload: Uint8Array): {
  readonly wipe: Wipe;
  readonly certificate: Uint8Array | undefined;
} {
  const fields = Fields.of(decodeStrict(payload), 'wipe');
  return {
    wipe: {
      site: fields.text(1),
      device: fields.text(2),
      thumbprint: fields.bytes(3, 32),
      at: fields.uint(4),
      force: fields.get(5) === true,
    },
    certificate: fields.optionalBytes(6),
  };
}

function checked(wipe: Wipe, wanted: Pick<WipeDemand, 'site' | 'device' | 'thumbprint'>): Wipe {
  const { site, device, thumbprint } = wanted;
  if (wipe.site !== site || wipe.device !== device || !equalBytes(wipe.thumbprint, thumbprint)) {
    throw refused('an order for another device or key');
  }
  return wipe;
}

function refused(message: string): ProvisioningError {
  return new ProvisioningError('provisioning/refused', message);
}
