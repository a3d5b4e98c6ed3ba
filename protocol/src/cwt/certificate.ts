/**
 * Certificates: CBOR Web Tokens that bind a key to a device, its role and its site (RFC 8392, RFC 8747).
 * They are checked offline against the keys in a trust store.
 */
import { decodeStrict, encode, entries, Fields } from '../cbor/index.js';
import { concat, toHex } from '../bytes.js';
import {
  decodeCose,
  externalAad,
  fromCoseKey,
  keyId,
  keyThumbprint,
  sign1,
  toCoseKey,
  verifySign1,
} from '../cose/index.js';
import type { PrivateKey, PublicKey } from '../crypto/index.js';
import { CertificateError, TimebandError } from '../errors.js';
import { isId } from '../ids.js';

/** What a certified key may do. */
export const ROLE = {
  root: 1,
  issuer: 2,
  gateway: 3,
  reader: 4,
  band: 5,
  operator: 6,
  technician: 7,
} as const;
export type Role = keyof typeof ROLE;

/** Claims (RFC 8392 §4, RFC 8747 §3.1); ours are in the private-use range below -65536. */
const CLAIM = { iss: 1, sub: 2, exp: 4, nbf: 5, iat: 6, cnf: 8, role: -65_537, site: -65_538 } as const;
const CNF_COSE_KEY = 1;
const TAG_CWT = Uint8Array.of(0xd8, 0x3d); // tag 61

/** A certificate's contents. Times are Unix seconds. */
export interface CertificateClaims {
  readonly issuer: string;
  readonly subject: string;
  readonly role: Role;
  readonly site: string;
  readonly notBefore: number;
  readonly expires: number;
  readonly key: PublicKey;
}

/** A certificate whose signature, role, site and validity were checked. */
export interface Certificate extends CertificateClaims {
  /** First 8 bytes of the key's thumbprint. */
  readonly kid: Uint8Array;
  readonly thumbprint: Uint8Array;
  readonly bytes: Uint8Array;
}

/** Issues a certificate: `61(18([…]))`, about 190 bytes. */
export function issueCertificate(issuerKey: PrivateKey, claims: CertificateClaims): Uint8Array {
  for (const id of [claims.issuer, claims.subject, claims.site]) {
    if (!isId(id)) throw new CertificateError('cert/shape', `"${id}" is not an id of [a-z0-9-]`);
  }
  const payload = encode(
    entries(
      [CLAIM.iss, claims.issuer],
      [CLAIM.sub, claims.subject],
      [CLAIM.exp, claims.expires],
      [CLAIM.nbf, claims.notBefore],
      [CLAIM.iat, claims.notBefore],
      [CLAIM.cnf, entries([CNF_COSE_KEY, toCoseKey(claims.key)])],
      [CLAIM.role, ROLE[claims.role]],
      [CLAIM.site, claims.site],
    ),
  );
  return concat(TAG_CWT, sign1(issuerKey, externalAad('certificate', claims.site), payload));
}

/** What a certificate has to satisfy where it is used. */
export interface CertificateDemand {
  readonly roles: readonly Role[];
  readonly site: string;
  /** Unix seconds; leave out only where no clock can be trusted. */
  readonly now?: number | undefined;
}

/** The issuer keys that are believed for one site. */
export class TrustStore {
  private readonly issuers = new Map<string, PublicKey>();

  constructor(issuers: Iterable<PublicKey>) {
    for (const key of issuers) this.issuers.set(toHex(keyId(key)), key);
  }

  /**
   * Checks a certificate: signature by a known issuer, then role, site and validity.
   * @throws CertificateError
   */
  verify(bytes: Uint8Array, demand: CertificateDemand): Certificate {
    const claims = this.open(bytes);
    const detail = { subject: claims.subject, role: claims.role };
    if (claims.site !== demand.site)
      throw new CertificateError('cert/site', 'a certificate of another site', detail);
    if (!demand.roles.includes(claims.role)) {
      throw new CertificateError(
        'cert/role',
        `a certificate for a ${claims.role}, not ${demand.roles.join(' or ')}`,
        detail,
      );
    }
    if (demand.now !== undefined && demand.now < claims.notBefore) {
      throw new CertificateError('cert/not-yet-valid', 'the certificate is not valid yet', detail);
    }
    if (demand.now !== undefined && demand.now >= claims.expires) {
      throw new CertificateError('cert/expired', 'the certificate has expired', detail);
    }
    return claims;
  }

  /** Verified under the site that the certificate itself names, so that another site's is told from a forged one. */
  private open(bytes: Uint8Array): Certificate {
    if (bytes[0] !== TAG_CWT[0] || bytes[1] !== TAG_CWT[1]) {
      throw new CertificateError('cert/shape', 'not a CWT with its tag');
    }
    try {
      const message = decodeCose(bytes.subarray(2));
      const issuer = this.issuers.get(toHex(message.kid));
      if (issuer === undefined) {
        throw new CertificateError('cert/untrusted-issuer', 'signed by an issuer we do not know', {
          issuer: toHex(message.kid),
        });
      }
      const claims = decodeClaims(message.payload ?? new Uint8Array());
      verifySign1(message, issuer, externalAad('certificate', claims.site));
      return { ...claims, bytes };
    } catch (error) {
      if (!(error instanceof TimebandError) || error instanceof CertificateError) throw error;
      const code = error.code === 'cose/signature' ? 'cert/signature' : 'cert/shape';
      throw new CertificateError(code, error.message, { cause: error.code });
    }
  }
}

/**
 * Opens an issuer's own certificate, which it signed itself: the trust anchor of a site, handed over by a person.
 * @throws CertificateError, CoseError, CborError
 */
export function openIssuerCertificate(bytes: Uint8Array): Certificate {
  const claims = readUnverifiedCertificate(bytes);
  return new TrustStore([claims.key]).verify(bytes, { roles: ['issuer'], site: claims.site });
}

/** The claims of a certificate that nobody has verified: for showing to a person, never for trusting. */
export function readUnverifiedCertificate(bytes: Uint8Array): Omit<Certificate, 'bytes'> {
  if (bytes[0] !== TAG_CWT[0] || bytes[1] !== TAG_CWT[1])
    throw new CertificateError('cert/shape', 'not a CWT with its tag');
  return decodeClaims(decodeCose(bytes.subarray(2)).payload ?? new Uint8Array());
}

function decodeClaims(payload: Uint8Array): Omit<Certificate, 'bytes'> {
  const fields = Fields.of(decodeStrict(payload), 'certificate');
  const number = fields.uint(CLAIM.role);
  const role = (Object.keys(ROLE) as Role[]).find((name) => ROLE[name] === number);
  if (role === undefined) throw new CertificateError('cert/role', `role ${number} is unknown`);
  const key = fromCoseKey(fields.fields(CLAIM.cnf).fields(CNF_COSE_KEY));
  const thumbprint = keyThumbprint(key);
  const ids = {
    issuer: fields.text(CLAIM.iss),
    subject: fields.text(CLAIM.sub),
    site: fields.text(CLAIM.site),
  };
  if (!Object.values(ids).every(isId)) throw new CertificateError('cert/shape', 'an id outside [a-z0-9-]');
  return {
    ...ids,
    role,
    notBefore: fields.uint(CLAIM.nbf),
    expires: fields.uint(CLAIM.exp),
    key,
    kid: thumbprint.subarray(0, 8),
    thumbprint,
  };
}
