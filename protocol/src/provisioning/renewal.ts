/**
 * A request for renewal: what a gateway hands to the holder of the issuer key before its certificate ends. It holds the
 * certificate that it has, by which the issuer knows what it certified before, and a proof that it still has the key
 * (SPEC.md, Renewal).
 */
import { decodeStrict, encode } from '../cbor/index.js';
import { type PrivateKey, sha256 } from '../crypto/index.js';
import { type Certificate, readUnverifiedCertificate, TrustStore } from '../cwt/index.js';
import { ProvisioningError } from '../errors.js';
import { provisioningErrors } from './errors.js';
import { signPossession, verifyPossession } from './possession.js';

const NAME = 'tb-renewal';
const VERSION = 1;
const NONCE_BYTES = 16;

export interface RenewalRequest {
  /** Unix seconds, when the gateway asked. */
  readonly at: number;
  /** What it has. Verified, whatever the time. */
  readonly certificate: Certificate;
}

/** @param at Unix seconds */
export function signRenewalRequest(
  key: PrivateKey,
  { bytes, site, subject }: Certificate,
  at: number,
): Uint8Array {
  const possession = signPossession(key, subject, { nonce: nonceOf(at, bytes), site });
  return encode([NAME, VERSION, at, bytes, possession]);
}

/**
 * Opens a request as the issuer: of a gateway that this very key certified, and that still has its key.
 * @throws ProvisioningError `provisioning/shape`, `provisioning/refused`
 */
export function openRenewalRequest(bytes: Uint8Array, issuer: PrivateKey): RenewalRequest {
  return provisioningErrors('a request for renewal', () => {
    const [at, certified, possession] = partsOf(bytes);
    const { site } = readUnverifiedCertificate(certified);
    const trust = new TrustStore([issuer.publicKey]);
    const certificate = trust.verify(certified, { roles: ['gateway'], site });
    const { key, subject: serial } = certificate;
    verifyPossession(possession, { nonce: nonceOf(at, certified), site, serial, key });
    return { at, certificate };
  });
}

function partsOf(bytes: Uint8Array): readonly [number, Uint8Array, Uint8Array] {
  const parts: unknown = decodeStrict(bytes);
  if (Array.isArray(parts) && parts.length === 5) {
    const [name, version, at, certificate, possession] = parts as readonly unknown[];
    if (
      name === NAME &&
      version === VERSION &&
      typeof at === 'number' &&
      certificate instanceof Uint8Array &&
      possession instanceof Uint8Array
    ) {
      return [at, certificate, possession];
    }
  }
  throw new ProvisioningError('provisioning/shape', 'not a request for renewal');
}

/** Nobody asked, so what is asked for stands in for a nonce. */
function nonceOf(at: number, certificate: Uint8Array): Uint8Array {
  return sha256(encode([at, certificate])).subarray(0, NONCE_BYTES);
}
