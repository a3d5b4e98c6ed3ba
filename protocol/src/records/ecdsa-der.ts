/** ECDSA signatures as authenticators write them: ASN.1 DER, SEQUENCE of two INTEGERs (RFC 3279 §2.2.3, X.690 §8.3, §10). */
import { CoseError } from '../errors.js';

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const COORDINATE_BYTES = 32;

/**
 * Turns a DER signature on P-256 into r ‖ s, 64 bytes (RFC 9053 §2.1). Only the one encoding that DER allows is taken.
 * @throws CoseError `cose/signature`
 */
export function signatureFromDer(der: Uint8Array): Uint8Array {
  if (der[0] !== SEQUENCE || der[1] !== der.length - 2) throw malformed();
  const out = new Uint8Array(2 * COORDINATE_BYTES);
  const next = readInteger(der, 2, out.subarray(0, COORDINATE_BYTES));
  if (readInteger(der, next, out.subarray(COORDINATE_BYTES)) !== der.length) throw malformed();
  return out;
}

/** Writes the INTEGER at `at` right-aligned into `target`. @returns where the next element begins */
function readInteger(der: Uint8Array, at: number, target: Uint8Array): number {
  const length = der[at + 1] ?? 0;
  const end = at + 2 + length;
  const first = der[at + 2];
  if (der[at] !== INTEGER || length === 0 || end > der.length || first === undefined || first >= 0x80) {
    throw malformed();
  }
  const second = der[at + 3] ?? 0;
  const padded = first === 0 && length > 1;
  if (padded && second < 0x80) throw malformed();
  const digits = der.subarray(padded ? at + 3 : at + 2, end);
  if (digits.length > target.length) throw malformed();
  target.set(digits, target.length - digits.length);
  return end;
}

function malformed(): CoseError {
  return new CoseError('cose/signature', 'not an ECDSA signature on P-256 in DER');
}
