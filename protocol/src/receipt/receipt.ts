/**
 * Portable receipts: an event, the proof that it stands in its gateway's log, and the certificate to check that with.
 * Whoever knows the issuer of the site can check one offline (SPEC.md, Portable receipt).
 *
 * ```
 * ["tb-receipt", 1, bytes event, bytes receipt, bytes certificate]
 * ```
 * Without the certificate it is compact, for where it is known already: on a band, which keeps what it is given.
 */
import { decodeStrict, encode, type CborValue } from '../cbor/index.js';
import { decodeCose } from '../cose/index.js';
import type { Certificate, TrustStore } from '../cwt/index.js';
import { CertificateError, ReceiptError } from '../errors.js';
import { decodeEvent, eventHash, type Event } from '../event/index.js';
import { readHeadClaims, verifyInclusionReceipt, type TreeHead } from './head.js';
import { judge } from './judge.js';

const LABEL = 'tb-receipt';
const VERSION = 1;
/** Longest portable receipt, bytes: the longest event, the longest path and a certificate have room. */
export const MAX_RECEIPT_BYTES = 8_192;

/** A portable receipt's parts, each as it was signed. */
export interface PortableReceipt {
  readonly event: Uint8Array;
  /** COSE receipt of inclusion under a tree head. */
  readonly receipt: Uint8Array;
  /** The gateway's certificate; absent in a compact receipt. */
  readonly certificate: Uint8Array | undefined;
}

/** Whom a verifier believes. */
export interface ReceiptTrust {
  /** Issuers of the site. */
  readonly trust: TrustStore;
  readonly site: string;
  /** The gateway's certificate, for a compact receipt. One inside the receipt comes first. */
  readonly certificate?: Uint8Array | undefined;
}

/** A receipt that holds. */
export interface VerifiedReceipt {
  readonly event: Event;
  readonly eventHash: Uint8Array;
  /** The head under which the event was proven. */
  readonly head: TreeHead;
  /** The gateway's certificate, valid when the head was signed. */
  readonly certificate: Certificate;
}

export function encodeReceipt({ event, receipt, certificate }: PortableReceipt): Uint8Array {
  const parts = [LABEL, VERSION, event, receipt];
  return encode(certificate === undefined ? parts : [...parts, certificate]);
}

/** Takes a portable receipt apart, unverified. @throws ReceiptError `receipt/shape` */
export function decodeReceipt(bytes: Uint8Array): PortableReceipt {
  if (bytes.length > MAX_RECEIPT_BYTES) {
    throw new ReceiptError(
      'receipt/shape',
      `${bytes.length} bytes, a receipt has at most ${MAX_RECEIPT_BYTES}`,
    );
  }
  const value = judge(() => decodeStrict(bytes));
  const parts: readonly CborValue[] = Array.isArray(value) ? (value as readonly CborValue[]) : [];
  const [label, version, event, receipt, certificate] = parts;
  if (label !== LABEL) throw new ReceiptError('receipt/shape', 'not a receipt');
  if (version !== VERSION) throw new ReceiptError('receipt/shape', 'a receipt of a later version');
  if (parts.length > 5 || !(event instanceof Uint8Array) || !(receipt instanceof Uint8Array)) {
    throw new ReceiptError('receipt/shape', 'a part of the receipt is missing or has the wrong type');
  }
  if (certificate !== undefined && !(certificate instanceof Uint8Array)) {
    throw new ReceiptError('receipt/shape', 'the certificate is not bytes');
  }
  return { event, receipt, certificate };
}

/**
 * Verifies a receipt to the end. The gateway's certificate has to be valid at the time of the head, not now: a receipt
 * outlives the ninety days of a gateway's certificate.
 *
 * @throws ReceiptError `receipt/shape`, `receipt/proof` (another place, another gateway), `receipt/signature` (event,
 * path or head is not what the gateway signed); CertificateError for the certificate inside, `cert/revoked` also when
 * the key was revoked later, unless it was only replaced or retired
 */
export function verifyReceipt(bytes: Uint8Array, { trust, site, ...known }: ReceiptTrust): VerifiedReceipt {
  const { event: eventBytes, receipt, certificate: enclosed } = decodeReceipt(bytes);
  return judge(() => {
    const message = decodeCose(receipt);
    const claims = readHeadClaims(message);
    const event = decodeEvent(eventBytes);
    const certificateBytes = enclosed ?? known.certificate;
    if (certificateBytes === undefined) {
      throw new ReceiptError('receipt/shape', "a compact receipt needs its gateway's certificate");
    }
    const certificate = trust.verify(certificateBytes, { roles: ['gateway'], site, now: claims.issued });
    refuseStolen(trust, certificate);
    if (event.site !== claims.site || event.gateway !== claims.gateway || event.epoch !== claims.epoch) {
      throw new ReceiptError('receipt/proof', 'event and proof are of different logs');
    }
    const leaf = eventHash(eventBytes);
    const head = verifyInclusionReceipt(message, certificate, leaf, event.seq);
    return { event, eventHash: leaf, head, certificate };
  });
}

/** Whoever has a lost key can date what he signs before its revocation. */
function refuseStolen(trust: TrustStore, certificate: Certificate): void {
  const revocation = trust.revocationOf(certificate);
  if (revocation === undefined || revocation.reason === 'replaced' || revocation.reason === 'retired') return;
  throw new CertificateError('cert/revoked', `the key of ${certificate.subject} was revoked`, {
    subject: certificate.subject,
    at: revocation.at,
    reason: revocation.reason,
  });
}
