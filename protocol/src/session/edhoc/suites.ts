/** Cipher suites and their negotiation (RFC 9528 §3.6, §6.3). */
import {
  ALG,
  type AgreementCurve,
  PrivateKey,
  randomBytes,
  type SignatureAlgorithm,
} from '../../crypto/index.js';
import { SessionError } from '../../errors.js';

/** What differs between the suites below; all share AES-CCM-16-64-128, SHA-256 and static DH MACs of 8 bytes. */
export interface CipherSuite {
  readonly number: number;
  readonly curve: AgreementCurve;
  readonly signature: SignatureAlgorithm;
}

/** Suite 0 for devices with Ed25519 keys, suite 2 for those with P-256 keys (RFC 9528 §10.2). */
export const SUITES: readonly CipherSuite[] = [
  { number: 0, curve: 'X25519', signature: ALG.EdDSA },
  { number: 2, curve: 'P-256', signature: ALG.ES256 },
];

/** @throws SessionError `session/suite` */
export function cipherSuite(number: number): CipherSuite {
  const suite = SUITES.find((known) => known.number === number);
  if (suite === undefined)
    throw new SessionError('session/suite', `cipher suite ${number} is not known`, { suite: number });
  return suite;
}

/** The suite in which keys of an algorithm sign. */
export function suiteOf(algorithm: SignatureAlgorithm): CipherSuite {
  return cipherSuite(algorithm === ALG.EdDSA ? 0 : 2);
}

/**
 * SUITES_I: everything the initiator prefers to the suite it selects, then that suite (RFC 9528 §5.2.2).
 * @param preferred by preference, the most preferred first
 * @param responders SUITES_R of an earlier error; without, the responder is assumed to know the first
 * @throws SessionError `session/suite` when they have none in common
 */
export function offerSuites(preferred: readonly number[], responders?: readonly number[]): readonly number[] {
  const selected = responders === undefined ? 0 : preferred.findIndex((suite) => responders.includes(suite));
  if (selected < 0 || preferred.length === 0)
    throw new SessionError('session/suite', 'no cipher suite in common');
  return preferred.slice(0, selected + 1);
}

/**
 * The suite that a message_1 selects: the last one offered, if it is the first that the responder supports.
 * @throws SessionError `session/suite`
 */
export function acceptSuite(offered: readonly number[], supported: readonly number[]): CipherSuite {
  const first = offered.find((suite) => supported.includes(suite));
  if (first === undefined || first !== offered.at(-1)) {
    throw new SessionError('session/suite', 'the selected cipher suite is not the first that both support', {
      offered: offered.join(),
      supported: supported.join(),
    });
  }
  return cipherSuite(first);
}

/** A fresh ephemeral private key, 32 bytes. A P-256 scalar has to be in range, so it is made as a signing key's is. */
export function ephemeralSecret(curve: AgreementCurve): Uint8Array {
  return curve === 'X25519' ? randomBytes(32) : PrivateKey.generate(ALG.ES256).secret;
}
