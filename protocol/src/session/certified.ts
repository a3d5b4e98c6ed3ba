/**
 * EDHOC as devices and gateways use it: method 0, both sides' certificates by value as `kcwt`, message_4 always sent
 * (SPEC.md, Session).
 */
import { concat } from '../bytes.js';
import type { PrivateKey } from '../crypto/index.js';
import type { Certificate } from '../cwt/index.js';
import { SessionError, TimebandError } from '../errors.js';
import { type CredentialOf, type OwnCredential, type PeerCredential, suiteOf } from './edhoc/index.js';

/** The one method: both sides sign. */
export const METHOD = 0;

/** CBOR tags 61 and 18: a certificate's, and left out in EDHOC, where a credential is an untagged CWT (RFC 9528 §3.5.2). */
const CWT_TAGS = Uint8Array.of(0xd8, 0x3d, 0xd2);
/** A map of one parameter, `kcwt` (13). */
const KCWT = Uint8Array.of(0xa1, 0x0d);

/** One's own key with its certificate, and whom one believes. */
export interface CertifiedParty {
  readonly key: PrivateKey;
  /** CWT bytes. */
  readonly certificate: Uint8Array;
  /** Checks a peer's certificate: signatures, role, site, validity, revocation. @throws TimebandError */
  readonly verify: (certificate: Uint8Array) => Certificate;
}

/** A peer that has proven to hold the key of its certificate. */
export interface CertifiedPeer extends PeerCredential {
  readonly certificate: Certificate;
}

/** What a party authenticates with, by the one suite in which its key signs. */
export function ownCredentials({ key, certificate }: CertifiedParty): ReadonlyMap<number, OwnCredential> {
  const cred = certificate.subarray(CWT_TAGS.length);
  const credential: OwnCredential = { idCred: concat(KCWT, cred), cred, key: { kind: 'signature', key } };
  return new Map([[suiteOf(key.algorithm).number, credential]]);
}

/** Takes a certificate out of an ID_CRED_x. Whatever is wrong with it is `session/credential`. */
export function certifiedPeer({ verify }: CertifiedParty): CredentialOf<CertifiedPeer> {
  return (idCred) => {
    if (KCWT.some((byte, i) => idCred[i] !== byte)) {
      throw new SessionError('session/credential', 'a credential that is not one certificate by value');
    }
    const cred = idCred.subarray(KCWT.length);
    try {
      const certificate = verify(concat(CWT_TAGS, cred));
      return { cred, key: { kind: 'signature', key: certificate.key }, certificate };
    } catch (error) {
      if (!(error instanceof TimebandError)) throw error;
      throw new SessionError('session/credential', error.message, { cause: error.code });
    }
  };
}
