/**
 * One root class for everything that can go wrong with bytes from outside, and a code per cause.
 * A code reads `layer/cause`; counters and log lines use it as it stands.
 */

/** Every code a layer can raise. The text before the slash is the layer. */
export type ErrorCode =
  // CBOR (RFC 8949)
  | 'cbor/truncated'
  | 'cbor/trailing-bytes'
  | 'cbor/too-large'
  | 'cbor/too-deep'
  | 'cbor/too-many-items'
  | 'cbor/reserved'
  | 'cbor/indefinite'
  | 'cbor/not-shortest'
  | 'cbor/integer-range'
  | 'cbor/float'
  | 'cbor/simple'
  | 'cbor/tag'
  | 'cbor/key-type'
  | 'cbor/key-order'
  | 'cbor/key-duplicate'
  | 'cbor/utf8'
  | 'cbor/shape'
  // COSE (RFC 9052, RFC 9053)
  | 'cose/structure'
  | 'cose/algorithm'
  | 'cose/kid'
  | 'cose/signature'
  | 'cose/key'
  | 'cose/weak-key'
  | 'cose/proof'
  | 'cose/decrypt'
  // Certificates (RFC 8392)
  | 'cert/untrusted-issuer'
  | 'cert/signature'
  | 'cert/expired'
  | 'cert/not-yet-valid'
  | 'cert/role'
  | 'cert/site'
  | 'cert/shape'
  | 'cert/revoked'
  // Policy documents and revocation lists
  | 'policy/shape'
  | 'policy/refused'
  | 'policy/rollback'
  // Logs and seals
  | 'log/gap'
  | 'log/fork'
  | 'log/rollback'
  | 'log/mismatch'
  | 'log/genesis'
  | 'log/proof'
  | 'record/kind'
  | 'record/approval'
  // Evidence inside records
  | 'evidence/shape'
  | 'evidence/unknown-key'
  | 'evidence/proof'
  | 'evidence/replay'
  | 'evidence/mismatch'
  | 'evidence/uncorroborated'
  | 'seal/nonce'
  | 'seal/range'
  | 'seal/log'
  | 'seal/signature'
  | 'ack/refused'
  | 'clock/refused'
  // Records that one gateway hands to another
  | 'forward/shape'
  | 'forward/refused'
  | 'forward/too-large'
  // Events
  | 'event/shape'
  | 'event/signature'
  | 'event/chain'
  | 'receipt/shape'
  | 'receipt/proof'
  | 'receipt/signature'
  // Devices that are given to a site, and the site's register of them
  | 'provisioning/shape'
  | 'provisioning/refused'
  | 'register/shape'
  | 'register/chain'
  | 'register/signature'
  // Sessions on untrusted links
  | 'session/message'
  | 'session/suite'
  | 'session/credential'
  | 'session/proof'
  | 'session/order'
  | 'session/replay'
  | 'session/closed'
  // Serial framing and SMP
  | 'frame/overlong'
  | 'frame/base64'
  | 'frame/length'
  | 'frame/crc'
  | 'frame/orphan'
  | 'frame/truncated'
  | 'smp/header'
  | 'smp/length'
  | 'smp/unmatched'
  | 'smp/timeout'
  | 'smp/busy'
  | 'smp/device'
  | 'smp/answer'
  // Commodity readers of tags
  | 'tag/frame'
  | 'tag/checksum'
  | 'tag/overlong'
  | 'tag/number'
  | 'tag/incomplete'
  | 'tag/random'
  | 'tag/answer'
  | 'tag/silent'
  // Links
  | 'link/closed'
  | 'link/open';

/** Values worth logging beside an error: never a secret, never a person. */
export type ErrorDetail = Readonly<Record<string, string | number | boolean | undefined>>;

/** The root of all errors of the protocol. */
export class TimebandError extends Error {
  override readonly name: string = 'TimebandError';
  readonly code: ErrorCode;
  readonly detail: ErrorDetail;

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    super(message);
    this.code = code;
    this.detail = detail;
  }
}

/** Bytes that are not acceptable CBOR, or CBOR that is not the map we expected. */
export class CborError extends TimebandError {
  override readonly name = 'CborError';
}

/** A COSE message, key or proof that does not hold. */
export class CoseError extends TimebandError {
  override readonly name = 'CoseError';
}

/** A certificate we do not take. */
export class CertificateError extends TimebandError {
  override readonly name = 'CertificateError';
}

/** A policy document that is not taken. */
export class PolicyError extends TimebandError {
  override readonly name = 'PolicyError';
}

/** What a commodity reader said that is no tag, or that it said nothing. */
export class TagReaderError extends TimebandError {
  override readonly name = 'TagReaderError';
}

/** A record whose body contradicts its kind, or whose approvals do not hold. */
export class RecordError extends TimebandError {
  override readonly name = 'RecordError';
}

/** Evidence that does not prove what it claims to. */
export class EvidenceError extends TimebandError {
  override readonly name = 'EvidenceError';
}

/** A receipt that does not verify. */
export class ReceiptError extends TimebandError {
  override readonly name = 'ReceiptError';
}

/** A handshake or a protected message that does not hold. */
export class SessionError extends TimebandError {
  override readonly name = 'SessionError';
}

/** A key, grant or wipe order that is not taken. */
export class ProvisioningError extends TimebandError {
  override readonly name = 'ProvisioningError';
}

/** A site's register that does not hold, from some entry on. */
export class RegisterError extends TimebandError {
  override readonly name = 'RegisterError';
}

/** A log, seal or ack that contradicts itself or what is already known. */
export class LogError extends TimebandError {
  override readonly name = 'LogError';
}

/** A forward, or the answer to one, that is not taken. */
export class ForwardError extends TimebandError {
  override readonly name = 'ForwardError';
}

/** An event that does not verify. */
export class EventError extends TimebandError {
  override readonly name = 'EventError';
}

/** Bytes on a serial line that are no SMP frame. */
export class FrameError extends TimebandError {
  override readonly name = 'FrameError';
}

/** A link that cannot be used. */
export class LinkError extends TimebandError {
  override readonly name = 'LinkError';
}

/** An SMP exchange that failed. `group` and `rc` are the peer's own words when it refused. */
export class SmpError extends TimebandError {
  override readonly name = 'SmpError';
  readonly group: number | undefined;
  readonly rc: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    detail: ErrorDetail = {},
    refusal?: { group: number; rc: number },
  ) {
    super(code, message, { ...detail, ...refusal });
    this.group = refusal?.group;
    this.rc = refusal?.rc;
  }
}
