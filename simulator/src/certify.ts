/** The simulator is the factory: it certifies its own readers and bands by their site's issuer key. */
import { type CertifiedKey, issueCertificate, type PrivateKey, type Role } from '@timeband/protocol';

const YEAR_SECONDS = 365 * 24 * 3_600;
/** A certificate begins a little before its making, for gateways whose clocks are behind. */
const LEAD_SECONDS = 3_600;

/** A device's certificate for a year. */
export function certify(
  issuerKey: PrivateKey,
  site: string,
  id: string,
  key: CertifiedKey,
  role: Role = 'reader',
): Uint8Array {
  const notBefore = Math.floor(Date.now() / 1_000) - LEAD_SECONDS;
  return issueCertificate(issuerKey, {
    issuer: site,
    subject: id,
    role,
    site,
    notBefore,
    expires: notBefore + YEAR_SECONDS,
    key,
  });
}
