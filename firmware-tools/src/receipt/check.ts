/** Checks a receipt for a person: bytes or text in, a verdict out. Runs in a browser as well. */
import {
  CertificateError,
  describeReceipt,
  type ErrorCode,
  isReceiptText,
  openIssuerCertificate,
  openRootCertificate,
  receiptFromText,
  ReceiptError,
  type ReceiptReport,
  type TimebandError,
  TrustStore,
  verifyReceipt,
} from '@timeband/protocol';

/** Whom to believe: what a person got from the site, or from the city. */
export interface Anchors {
  /** The site's issuer certificate. */
  readonly issuer: Uint8Array;
  /** The city's, when the issuer's was certified by it. */
  readonly root?: Uint8Array | undefined;
}

/** Who is believed, made of {@link Anchors}. */
export interface Believed {
  readonly trust: TrustStore;
  readonly site: string;
  /** The gateway's certificate, for a compact receipt. */
  readonly certificate?: Uint8Array | undefined;
}

/** Why a receipt is not to be believed. */
export interface Refusal {
  readonly code: ErrorCode;
  /** In English, for technicians; what people read is made from the code. */
  readonly message: string;
}

export type ReceiptVerdict =
  | { readonly verdict: 'good'; readonly report: ReceiptReport }
  | { readonly verdict: 'refused'; readonly refusal: Refusal };

/** @throws CertificateError when the anchors are none, or do not belong together */
export function believe({ issuer, root }: Anchors): Believed {
  if (root === undefined) {
    const certificate = openIssuerCertificate(issuer);
    return { trust: new TrustStore([certificate]), site: certificate.site };
  }
  const trust = new TrustStore([openRootCertificate(root)]);
  return { trust, site: trust.addIssuer(issuer).site };
}

/** Bytes of a receipt from a file or a form, be it CBOR or text. @throws ReceiptError */
export function receiptBytes(input: Uint8Array | string): Uint8Array {
  if (typeof input === 'string') return receiptFromText(input);
  const text = asciiOf(input);
  return text !== undefined && isReceiptText(text) ? receiptFromText(text) : input;
}

export function checkReceipt(input: Uint8Array | string, believed: Believed): ReceiptVerdict {
  try {
    const verified = verifyReceipt(receiptBytes(input), believed);
    return { verdict: 'good', report: describeReceipt(verified) };
  } catch (error) {
    if (!(error instanceof ReceiptError || error instanceof CertificateError)) throw error;
    return { verdict: 'refused', refusal: refusalOf(error) };
  }
}

export function refusalOf({ code, message }: TimebandError): Refusal {
  return { code, message };
}

/** Text as it comes in a file; nothing where bytes are not text. */
function asciiOf(bytes: Uint8Array): string | undefined {
  const isText = bytes.every((byte) => byte < 0x80);
  return isText ? new TextDecoder().decode(bytes) : undefined;
}
