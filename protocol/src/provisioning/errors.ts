import { ProvisioningError, TimebandError } from '../errors.js';

/** Everything that can be wrong with such a document, said of the document. */
export function provisioningErrors<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof TimebandError) || error instanceof ProvisioningError) throw error;
    const code = error.code.startsWith('cbor/') ? 'provisioning/shape' : 'provisioning/refused';
    throw new ProvisioningError(code, `not ${what} to go by: ${error.message}`, { cause: error.code });
  }
}
