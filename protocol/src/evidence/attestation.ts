/** Both bands' word on one visit: each signs the same statement, whose nonce they made together (SPEC.md, Visit). */
import { decodeCose, type CoseMessage } from '../cose/index.js';
import { EvidenceError, TimebandError } from '../errors.js';
import {
  authenticate,
  verifyAuthentic,
  type AuthenticationKey,
  type VerificationKey,
} from '../keys/index.js';
import type { Attestation } from '../records/attest.js';
import { readStatement, type VisitStatement } from './statement.js';

/** A band that is known: its id and the key it answers with. */
export interface BandKey {
  readonly band: string;
  readonly key: VerificationKey;
}

/** A band's word on a statement. */
export function signStatement(key: AuthenticationKey, site: string, statement: Uint8Array): Uint8Array {
  return authenticate(key, 'attest', site, statement, { detached: true });
}

/** Checks a band's word on a statement. @throws CoseError, CborError */
export function verifyStatement(
  message: CoseMessage,
  key: VerificationKey,
  site: string,
  statement: Uint8Array,
): void {
  verifyAuthentic(message, key, 'attest', site, statement);
}

/**
 * Verifies that the very bands the statement names answered for it.
 * @throws EvidenceError `evidence/unknown-key`, `evidence/mismatch`, `evidence/proof`, `evidence/shape`; CborError
 */
export function verifyAttestation(
  attestation: Attestation,
  site: string,
  bandKey: (kid: Uint8Array) => BandKey | undefined,
): VisitStatement {
  const statement = readStatement(attestation.statement);
  for (const role of ['provider', 'recipient'] as const) {
    const message = decodeCose(attestation[role]);
    const signer = bandKey(message.kid);
    if (signer === undefined)
      throw new EvidenceError('evidence/unknown-key', `the ${role}'s band is not known`);
    if (signer.band !== statement[role]) {
      throw new EvidenceError('evidence/mismatch', `the ${role}'s word is another band's`);
    }
    try {
      verifyStatement(message, signer.key, site, attestation.statement);
    } catch (error) {
      if (!(error instanceof TimebandError)) throw error;
      throw new EvidenceError('evidence/proof', `the ${role}'s word does not hold: ${error.message}`, {
        cause: error.code,
      });
    }
  }
  return statement;
}
