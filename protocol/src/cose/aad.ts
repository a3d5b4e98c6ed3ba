/** What every signature and MAC is bound to beside its payload. */
import { encode } from '../cbor/index.js';

/** What a signature is for. One key signs many things; the purpose keeps them apart. */
export type Purpose =
  | 'certificate'
  | 'policy'
  | 'seal'
  | 'ack'
  | 'clock'
  | 'event'
  /** Head of a gateway's whole event log. */
  | 'head'
  /** A band's answer to a challenge. */
  | 'answer'
  /** A band's word on a visit. */
  | 'attest'
  /** An operator's word on an enrolment, a correction, a transfer. */
  | 'approve'
  /** A device's word that it holds a key. */
  | 'possession'
  /** An issuer's word that a device belongs to its site. */
  | 'grant'
  /** An issuer's or a technician's order to forget. */
  | 'wipe'
  /** An entry of a site's register. */
  | 'register'
  /** Records that a gateway hands to the one that counts, and what that says to it. */
  | 'forward'
  | 'forward-answer'
  /** What operators did at a gateway. */
  | 'trail'
  /** A file that a technician's tool made. */
  | 'report';

/** `external_aad = CBOR["timeband", 1, purpose, site]` (RFC 9052 §4.3). */
export function externalAad(purpose: Purpose, site: string): Uint8Array {
  return encode(['timeband', 1, purpose, site]);
}
