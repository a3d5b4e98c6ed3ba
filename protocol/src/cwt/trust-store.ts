/**
 * Whom a site believes: a city's roots, the issuers they certify, and issuers that stand for themselves. Certificates
 * are checked offline, the whole chain, against the revocation lists of the keys in it (SPEC.md, Certificate).
 */
import { equalBytes, toHex } from '../bytes.js';
import { externalAad, keyId, verifySign1 } from '../cose/index.js';
import { PublicKey } from '../crypto/index.js';
import { CertificateError, TimebandError } from '../errors.js';
import {
  judge,
  type RecordPlace,
  type Revocation,
  type RevocationList,
  type Verdict,
} from '../policy/revocations.js';
import {
  certificateMessage,
  decodeClaims,
  isSigning,
  readUnverifiedCertificate,
  type Certificate,
  type DeviceCertificate,
  type Role,
  type UnverifiedCertificate,
} from './certificate.js';

/** What a certificate has to satisfy where it is used. */
export interface CertificateDemand {
  readonly roles: readonly Role[];
  readonly site: string;
  /** Unix seconds; leave out only where no clock can be trusted. */
  readonly now?: number | undefined;
  /** `accept` where a revoked key is to be heard all the same: a gateway keeps what it sends for review. */
  readonly revoked?: 'refuse' | 'accept';
}

/** A key that certifies others and signs policy. */
export interface Authority {
  readonly role: 'root' | 'issuer';
  readonly key: PublicKey;
  readonly kid: Uint8Array;
  /** Absent for an issuer that is known by its bare key: it is believed for any site, at any time. */
  readonly certificate: Certificate | undefined;
  /** The root that certified an issuer. */
  readonly certifiedBy: Authority | undefined;
}

/** What identifies a certified key to revocation lists. */
export type KeyInChain = Pick<DeviceCertificate, 'thumbprint' | 'signer'>;

export class TrustStore {
  private readonly authorities = new Map<string, Authority>();
  /** By the key that signed them: a list speaks of what its signer certified, and of what those certified. */
  private readonly lists = new Map<string, RevocationList>();

  /** @param anchors what a person handed over: roots and issuers by their certificates, issuers also by bare key */
  constructor(anchors: Iterable<PublicKey | Certificate> = []) {
    for (const anchor of anchors) {
      if (anchor instanceof PublicKey) this.add({ role: 'issuer', key: anchor });
      else this.addCertified(anchor);
    }
  }

  /** Believes an issuer that a known root certified. `now` is Unix seconds. @throws CertificateError */
  addIssuer(bytes: Uint8Array, now?: number): Certificate {
    const { site } = readClaims(bytes);
    const certificate = this.verify(bytes, { roles: ['issuer'], site, now });
    if (this.authority(certificate.signer)?.role !== 'root') {
      throw new CertificateError('cert/untrusted-issuer', 'an issuer that no root has certified', {
        subject: certificate.subject,
      });
    }
    this.addCertified(certificate);
    return certificate;
  }

  /**
   * Believes whom an authority introduces: a root an issuer that it certified, and each of them its own successor, a
   * self-signed certificate of the same role, id and site. The caller has verified that `by` signed for these bytes.
   *
   * @throws CertificateError
   */
  introduce(bytes: Uint8Array, by: Authority, now?: number): Certificate {
    if (by.role === 'root' && readClaims(bytes).role === 'issuer') return this.addIssuer(bytes, now);
    const certificate = openSelfSigned(bytes, by.role, now);
    const before = by.certificate;
    if (
      before !== undefined &&
      (certificate.site !== before.site || certificate.subject !== before.subject)
    ) {
      throw new CertificateError('cert/site', `a successor of another ${by.role}`, {
        subject: certificate.subject,
      });
    }
    this.addCertified(certificate);
    return certificate;
  }

  /** Takes a revocation list that `signer` signed, in place of its list before. */
  revoke(signer: Uint8Array, list: RevocationList): void {
    this.lists.set(toHex(signer), list);
  }

  /** The root or issuer of a key id, whatever became of it since. */
  authority(kid: Uint8Array): Authority | undefined {
    return this.authorities.get(toHex(kid));
  }

  /** The root or issuer of a key id, that may speak now. @throws CertificateError */
  speaker(kid: Uint8Array, now?: number): Authority {
    const authority = this.authority(kid);
    if (authority === undefined) {
      throw new CertificateError('cert/untrusted-issuer', 'signed by an issuer we do not know', {
        issuer: toHex(kid),
      });
    }
    const { certificate } = authority;
    if (certificate !== undefined) {
      this.refuseRevoked(certificate, now);
      refuseOutside(certificate, now);
    }
    return authority;
  }

  /**
   * Checks a certificate of a key that signs: the signatures up to a trust anchor, role, site, validity, revocation.
   * @throws CertificateError
   */
  verify(bytes: Uint8Array, demand: CertificateDemand): Certificate {
    const certificate = this.verifyDevice(bytes, demand);
    if (isSigning(certificate)) return certificate;
    throw new CertificateError('cert/shape', 'a key that only MACs where one that signs is needed', {
      subject: certificate.subject,
    });
  }

  /** Checks a device's certificate likewise; it may also name a key that only MACs. @throws CertificateError */
  verifyDevice(bytes: Uint8Array, demand: CertificateDemand): DeviceCertificate {
    const certificate = this.open(bytes, demand.now);
    const { subject, role, site } = certificate;
    if (site !== demand.site) {
      throw new CertificateError('cert/site', 'a certificate of another site', { subject, role });
    }
    if (!demand.roles.includes(role)) {
      const wanted = demand.roles.join(' or ');
      throw new CertificateError('cert/role', `a certificate for a ${role}, not ${wanted}`, {
        subject,
        role,
      });
    }
    refuseOutside(certificate, demand.now);
    if (demand.revoked !== 'accept') this.refuseRevoked(certificate, demand.now);
    return certificate;
  }

  /** The revocation of a certified key, by any of the lists that may speak of it. */
  revocationOf({ thumbprint, signer }: KeyInChain): Revocation | undefined {
    for (let by = this.authority(signer); by !== undefined; by = by.certifiedBy) {
      const revocation = this.lists.get(toHex(by.kid))?.find(thumbprint);
      if (revocation !== undefined) return revocation;
    }
    return undefined;
  }

  /** Whether a record of a certified key is still good, or has to be looked at by people. */
  verdict(key: KeyInChain, place: RecordPlace): Verdict {
    const revocation = this.revocationOf(key);
    return revocation === undefined ? 'trusted' : judge(revocation, place);
  }

  private add({ role, key, certificate, certifiedBy }: NewAuthority): void {
    const kid = keyId(key);
    this.authorities.set(toHex(kid), { role, key, kid, certificate, certifiedBy });
  }

  private addCertified(certificate: Certificate): void {
    const { role, key, kid, signer } = certificate;
    if (role !== 'root' && role !== 'issuer') {
      throw new CertificateError('cert/role', `a ${role} certifies nobody`, { role });
    }
    const certifiedBy = equalBytes(signer, kid) ? undefined : this.authority(signer);
    this.add({ role, key, certificate, certifiedBy });
  }

  /** Verified under the site that the certificate itself names, so that another site's is told from a forged one. */
  private open(bytes: Uint8Array, now: number | undefined): DeviceCertificate {
    return asCertificateErrors(() => {
      const message = certificateMessage(bytes);
      const signer = this.authority(message.kid);
      if (signer === undefined) {
        throw new CertificateError('cert/untrusted-issuer', 'signed by an issuer we do not know', {
          issuer: toHex(message.kid),
        });
      }
      if (signer.certificate !== undefined) this.refuseRevoked(signer.certificate, now);
      const claims = decodeClaims(message.payload ?? new Uint8Array());
      verifySign1(message, signer.key, externalAad('certificate', claims.site));
      refuseUnentitled(claims, signer);
      const { notBefore = 0, expires = Infinity } = signer.certificate ?? {};
      return {
        ...claims,
        notBefore: Math.max(claims.notBefore, notBefore),
        expires: Math.min(claims.expires, expires),
        signer: signer.kid,
        bytes,
      };
    });
  }

  private refuseRevoked(certificate: KeyInChain & Pick<DeviceCertificate, 'subject'>, now?: number): void {
    const revocation = this.revocationOf(certificate);
    if (revocation === undefined || (now !== undefined && now < revocation.at)) return;
    throw new CertificateError('cert/revoked', `the key of ${certificate.subject} was revoked`, {
      subject: certificate.subject,
      at: revocation.at,
      reason: revocation.reason,
    });
  }
}

type NewAuthority = Pick<Authority, 'role' | 'key'> & Partial<Pick<Authority, 'certificate' | 'certifiedBy'>>;

/**
 * Opens an issuer's certificate that it signed itself: the trust anchor of a site, handed over by a person.
 * `now` is Unix seconds.
 *
 * @throws CertificateError
 */
export function openIssuerCertificate(bytes: Uint8Array, now?: number): Certificate {
  return openSelfSigned(bytes, 'issuer', now);
}

/** Opens a root's certificate, likewise: the trust anchor of a city. @throws CertificateError */
export function openRootCertificate(bytes: Uint8Array, now?: number): Certificate {
  return openSelfSigned(bytes, 'root', now);
}

function openSelfSigned(bytes: Uint8Array, role: 'root' | 'issuer', now: number | undefined): Certificate {
  const claims = readClaims(bytes);
  if (!isSigning(claims)) throw new CertificateError('cert/shape', `a key that only MACs is no ${role}`);
  return new TrustStore([claims.key]).verify(bytes, { roles: [role], site: claims.site, now });
}

function readClaims(bytes: Uint8Array): UnverifiedCertificate {
  return asCertificateErrors(() => readUnverifiedCertificate(bytes));
}

/** A root certifies issuers, an issuer what works at its own site, and each of them itself. */
function refuseUnentitled(claims: UnverifiedCertificate, signer: Authority): void {
  const { role, subject, issuer, site, kid } = claims;
  const isAuthority = role === 'root' || role === 'issuer';
  const isItself = isAuthority && equalBytes(kid, signer.kid);
  if (!isItself && (signer.role === 'root' ? role !== 'issuer' : isAuthority)) {
    throw new CertificateError(
      'cert/role',
      `${signer.role === 'root' ? 'a root' : 'an issuer'} certified a ${role}`,
      {
        subject,
        role,
      },
    );
  }
  const by = signer.certificate;
  if (by === undefined) return;
  if (issuer !== by.subject) {
    throw new CertificateError('cert/untrusted-issuer', `signed by ${by.subject} in the name of ${issuer}`, {
      subject,
    });
  }
  if (signer.role === 'issuer' && site !== by.site) {
    throw new CertificateError('cert/site', `an issuer of ${by.site} certified a key of ${site}`, {
      subject,
    });
  }
}

function refuseOutside(
  { subject, role, notBefore, expires }: DeviceCertificate,
  now: number | undefined,
): void {
  if (now !== undefined && now < notBefore) {
    throw new CertificateError('cert/not-yet-valid', 'the certificate is not valid yet', { subject, role });
  }
  // Where the validities in a chain do not meet, no clock is needed to see that it never holds.
  if ((now ?? notBefore) >= expires) {
    throw new CertificateError('cert/expired', 'the certificate has expired', { subject, role });
  }
}

/** Everything that can be wrong with a certificate's bytes, said of the certificate. */
function asCertificateErrors<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof TimebandError) || error instanceof CertificateError) throw error;
    const code = error.code === 'cose/signature' ? 'cert/signature' : 'cert/shape';
    throw new CertificateError(code, error.message, { cause: error.code });
  }
}
