/** One vocabulary for whatever is wrong with a receipt, whichever layer found it. */
import { CertificateError, ReceiptError, TimebandError } from '../errors.js';

/**
 * Runs a verification. What fails below it comes out as `receipt/shape` (not the form of a receipt) or
 * `receipt/signature` (not what the gateway signed); a certificate's own errors stay what they are.
 */
export function judge<T>(verify: () => T): T {
  try {
    return verify();
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    if (error instanceof ReceiptError || error instanceof CertificateError) throw error;
    const isShape = error.code.startsWith('cbor/') || error.code === 'cose/structure';
    throw new ReceiptError(isShape ? 'receipt/shape' : 'receipt/signature', error.message, {
      cause: error.code,
    });
  }
}
