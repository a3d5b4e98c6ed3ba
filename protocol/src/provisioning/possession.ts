/** A device's proof that it holds the key it made, for whoever is to certify it (SPEC.md, Provisioning). */
import { equalBytes } from '../bytes.js';
import { decodeStrict, encode, entries, Fields } from '../cbor/index.js';
import {
  decodeCose,
  externalAad,
  fromCoseKey,
  keyThumbprint,
  sign1,
  toCoseKey,
  verifySign1,
} from '../cose/index.js';
import type { PrivateKey, PublicKey } from '../crypto/index.js';
import { ProvisioningError } from '../errors.js';
import type { PossessionRequest } from '../smp/index.js';
import { provisioningErrors } from './errors.js';

/** COSE_Sign1 of purpose `possession` over {nonce, serial, key}, bound to the site that the key is meant for. */
export function signPossession(
  key: PrivateKey,
  serial: string,
  { nonce, site }: PossessionRequest,
): Uint8Array {
  const payload = encode(entries([1, nonce], [2, serial], [3, toCoseKey(key.publicKey)]));
  return sign1(key, externalAad('possession', site), payload);
}

/**
 * Checks a proof against what was asked and what the device said before.
 * @throws ProvisioningError `provisioning/refused`, `provisioning/shape`
 */
export function verifyPossession(
  bytes: Uint8Array,
  asked: PossessionRequest & { readonly serial: string; readonly key: PublicKey },
): void {
  provisioningErrors('a proof of possession', () => {
    const payload = verifySign1(decodeCose(bytes), asked.key, externalAad('possession', asked.site));
    const fields = Fields.of(decodeStrict(payload), 'possession');
    const named = fromCoseKey(fields.fields(3));
    if (
      !equalBytes(fields.bytes(1), asked.nonce) ||
      fields.text(2) !== asked.serial ||
      !equalBytes(keyThumbprint(named), keyThumbprint(asked.key))
    ) {
      throw new ProvisioningError(
        'provisioning/refused',
        'a proof of possession that answers something else',
      );
    }
  });
}
