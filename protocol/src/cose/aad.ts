/** What every signature and MAC is bound to beside its payload. */
import { encode } from '../cbor/index.js';

/** What a signature is for. One key signs many things; the purpose keeps them apart. */
export type Purpose = 'certificate' | 'seal' | 'ack' | 'clock' | 'event';

/** `external_aad = CBOR["timeband", 1, purpose, site]` (RFC 9052 §4.3). */
export function externalAad(purpose: Purpose, site: string): Uint8Array {
  return encode(['timeband', 1, purpose, site]);
}
