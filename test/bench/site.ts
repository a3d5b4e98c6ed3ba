/** Keys and certificates of a site that exists for one run. */
import { type Certificate, issueCertificate, PrivateKey, type Role, TrustStore } from '@timeband/protocol';

export const SITE = 'bench';
export const GATEWAY = 'gw-1';
const DAY = 86_400;

export interface BenchSite {
  readonly issuer: PrivateKey;
  readonly trust: TrustStore;
  readonly certify: (subject: string, role: Role, key: PrivateKey) => Certificate;
}

export function makeSite(issuer = PrivateKey.generate()): BenchSite {
  const trust = new TrustStore([issuer.publicKey]);
  const now = Math.floor(Date.now() / 1_000);
  return {
    issuer,
    trust,
    certify: (subject, role, key) => {
      const claims = {
        issuer: SITE,
        subject,
        role,
        site: SITE,
        notBefore: now - DAY,
        expires: now + DAY,
        key: key.publicKey,
      };
      return trust.verify(issueCertificate(issuer, claims), { roles: [role], site: SITE });
    },
  };
}
