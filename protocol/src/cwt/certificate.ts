/**
 * Certificates: CBOR Web Tokens that bind a key to a device, its role and its site (RFC 8392, RFC 8747; SPEC.md,
 * Certificate). This is their encoding; whether one is believed, a trust store decides.
 */
import { decodeStrict, encode, entries, Fields, type CborMap } from '../cbor/index.js';
import { concat } from '../bytes.js';
import {
  decodeCose,
  externalAad,
  fromCoseKey,
  KID_BYTES,
  keyThumbprint,
  sign1,
  toCoseKey,
  type CoseMessage,
} from '../cose/index.js';
import { ALG, PublicKey, type PrivateKey } from '../crypto/index.js';
import { CertificateError } from '../errors.js';
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

/** A gateway's certificate is good for no longer, so that a stolen box is soon worthless: 90 days. */
export const MAX_GATEWAY_SECONDS = 90 * 86_400;

/** Claims (RFC 8392 §4, RFC 8747 §3.1); ours are in the private-use range below -65536. */
const CLAIM = { iss: 1, sub: 2, exp: 4, nbf: 5, iat: 6, cnf: 8, role: -65_537, site: -65_538 } as const;
/** Ways of confirmation (RFC 8747 §3.1): the key itself, or its name. */
const CNF = { coseKey: 1, kid: 3 } as const;
const TAG_CWT = Uint8Array.of(0xd8, 0x3d); // tag 61
const THUMBPRINT_BYTES = 32;

/**
 * A key that only MACs, by its name: the key itself is known to its device and its site's gateways alone, and so
 * proves nothing to anybody else.
 */
export interface MacKeyName {
  readonly algorithm: typeof ALG.HMAC256;
  /** Of the device key (RFC 9679), 32 bytes. */
  readonly thumbprint: Uint8Array;
}

export type CertifiedKey = PublicKey | MacKeyName;

/** A certificate's contents. Times are Unix seconds. */
export interface CertificateClaims<Key extends CertifiedKey = PublicKey> {
  readonly issuer: string;
  readonly subject: string;
  readonly role: Role;
  readonly site: string;
  readonly notBefore: number;
  readonly expires: number;
  readonly key: Key;
}

/** A certificate whose whole chain was checked. Its validity is that of the chain: the times at which all of it holds. */
export interface Certificate<Key extends CertifiedKey = PublicKey> extends CertificateClaims<Key> {
  /** First 8 bytes of the key's thumbprint. */
  readonly kid: Uint8Array;
  readonly thumbprint: Uint8Array;
  readonly bytes: Uint8Array;
  /** Id of the key that signed it. */
  readonly signer: Uint8Array;
}

/** The certificate of a device, which may be one that only MACs. */
export type DeviceCertificate = Certificate<CertifiedKey>;

/** What a certificate says, before anybody has verified it. */
export type UnverifiedCertificate<Key extends CertifiedKey = CertifiedKey> = CertificateClaims<Key> &
  Pick<Certificate, 'kid' | 'thumbprint'>;

/** Issues a certificate: `61(18([…]))`, about 190 bytes. @throws CertificateError `cert/shape` */
export function issueCertificate(issuerKey: PrivateKey, claims: CertificateClaims<CertifiedKey>): Uint8Array {
  refuseImpossible(claims);
  const payload = encode(
    entries(
      [CLAIM.iss, claims.issuer],
      [CLAIM.sub, claims.subject],
      [CLAIM.exp, claims.expires],
      [CLAIM.nbf, claims.notBefore],
      [CLAIM.iat, claims.notBefore],
      [CLAIM.cnf, confirmation(claims.key)],
      [CLAIM.role, ROLE[claims.role]],
      [CLAIM.site, claims.site],
    ),
  );
  return concat(TAG_CWT, sign1(issuerKey, externalAad('certificate', claims.site), payload));
}

/** The COSE message of a certificate. @throws CertificateError `cert/shape`, CoseError, CborError */
export function certificateMessage(bytes: Uint8Array): CoseMessage {
  if (bytes[0] !== TAG_CWT[0] || bytes[1] !== TAG_CWT[1]) {
    throw new CertificateError('cert/shape', 'not a CWT with its tag');
  }
  return decodeCose(bytes.subarray(2));
}

/** The claims of a certificate that nobody has verified: for showing to a person, never for trusting. */
export function readUnverifiedCertificate(bytes: Uint8Array): UnverifiedCertificate {
  return decodeClaims(certificateMessage(bytes).payload ?? new Uint8Array());
}

/** @throws CborError, CoseError, CertificateError `cert/role`, `cert/shape` */
export function decodeClaims(payload: Uint8Array): UnverifiedCertificate {
  const fields = Fields.of(decodeStrict(payload), 'certificate');
  const number = fields.uint(CLAIM.role);
  const role = (Object.keys(ROLE) as Role[]).find((name) => ROLE[name] === number);
  if (role === undefined) throw new CertificateError('cert/role', `role ${number} is unknown`);
  const key = readConfirmation(fields.fields(CLAIM.cnf));
  const thumbprint = key instanceof PublicKey ? keyThumbprint(key) : key.thumbprint;
  const claims = {
    issuer: fields.text(CLAIM.iss),
    subject: fields.text(CLAIM.sub),
    role,
    site: fields.text(CLAIM.site),
    notBefore: fields.uint(CLAIM.nbf),
    expires: fields.uint(CLAIM.exp),
    key,
  };
  refuseImpossible(claims);
  return { ...claims, kid: thumbprint.subarray(0, KID_BYTES), thumbprint };
}

/** Whether a key signs, and so proves itself to anybody. */
export function isSigning<Claims extends { readonly key: CertifiedKey }>(
  claims: Claims,
): claims is Claims & { readonly key: PublicKey } {
  return claims.key instanceof PublicKey;
}

function confirmation(key: CertifiedKey): CborMap {
  return key instanceof PublicKey
    ? entries([CNF.coseKey, toCoseKey(key)])
    : entries([CNF.kid, key.thumbprint]);
}

function readConfirmation(cnf: Fields): CertifiedKey {
  if (cnf.has(CNF.coseKey) === cnf.has(CNF.kid)) {
    throw new CertificateError('cert/shape', 'neither a key nor the name of one, or both');
  }
  return cnf.has(CNF.coseKey)
    ? fromCoseKey(cnf.fields(CNF.coseKey))
    : { algorithm: ALG.HMAC256, thumbprint: cnf.bytes(CNF.kid, THUMBPRINT_BYTES) };
}

/** What no certificate may say, whoever signed it. */
function refuseImpossible(claims: CertificateClaims<CertifiedKey>): void {
  const { issuer, subject, site, role, key, notBefore, expires } = claims;
  for (const id of [issuer, subject, site]) {
    if (!isId(id)) throw new CertificateError('cert/shape', `"${id}" is not an id of [a-z0-9-]`);
  }
  if (!(key instanceof PublicKey) && role !== 'reader' && role !== 'band') {
    throw new CertificateError('cert/shape', `a ${role} has to sign, this key only MACs`, { role });
  }
  if (role === 'gateway' && expires - notBefore > MAX_GATEWAY_SECONDS) {
    throw new CertificateError('cert/shape', 'a certificate of a gateway for more than 90 days', {
      days: Math.ceil((expires - notBefore) / 86_400),
    });
  }
}
