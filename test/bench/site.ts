/** Keys and certificates of a site that exists for one run. */
import { type Certificate, issueCertificate, PrivateKey, type Role, TrustStore } from '@timeband/protocol';

export const SITE = 'bench';
export const GATEWAY = 'gw-1';

export interface BenchSite {
  readonly issuer: PrivateKey;
  readonly trust: TrustStore;
  readonly certify: (subject: string, role: Role, key: PrivateKey) => Certificate;
}

export function makeSite(issuer = PrivateKey.generate()): BenchSite {
  const trust = new TrustStore([issuer.publicKey]);
  return {
    issuer,
    trust,
    certify: (subject, role, key) => {
      const claims = {
        issuer: SITE,
        subject,
        role,
        site: SITE,
        notBefore: 0,
        expires: 4_000_000_000,
        key: key.publicKey,
      };
      return trust.verify(issueCertificate(issuer, claims), { roles: [role], site: SITE });
    },
  };
}
