/** Checks the proof of one record for a person: bytes in, a verdict out (SPEC.md, Record proof). */
import {
  CertificateError,
  decodeRecord,
  decodeRecordProof,
  type DeviceTime,
  type Direction,
  type ErrorCode,
  eventTypeOf,
  type EventType,
  isSigning,
  KIND,
  readPunch,
  type Record,
  tagId,
  TimebandError,
  toHex,
  verifyRecordProof,
} from '@timeband/protocol';
import { type Believed, refusalOf, type Refusal } from '../receipt/check.js';

/** What a good proof shows that a device signed. */
export interface ProofReport {
  readonly site: string;
  readonly device: string;
  /** Id of the log, hexadecimal. */
  readonly log: string;
  readonly seq: number;
  /** The record's kind; null where the bytes are no record, which a device may sign as well. */
  readonly type: EventType | null;
  /** The device's start, and seconds since then. */
  readonly boot: number | null;
  readonly uptime: number | null;
  /** What the device's own clock said. */
  readonly clock: DeviceTime | null;
  readonly direction: Direction | null;
  readonly service: number | null;
  readonly tag: string | null;
  /** The record's bytes, hexadecimal. */
  readonly record: string;
  /** The records under the same seal. */
  readonly sealed: { readonly first: number; readonly last: number };
  /** The key that sealed it, and how long it is certified. */
  readonly key: { readonly thumbprint: string; readonly notBefore: number; readonly expires: number };
}

export type ProofVerdict =
  | { readonly verdict: 'good'; readonly report: ProofReport }
  | { readonly verdict: 'refused'; readonly refusal: Refusal };

export function checkProof(
  bytes: Uint8Array,
  { trust, site }: Pick<Believed, 'trust' | 'site'>,
): ProofVerdict {
  try {
    const proof = decodeRecordProof(bytes);
    const certificate = trust.verifyDevice(proof.certificate, { roles: ['reader', 'band', 'gateway'], site });
    if (!isSigning(certificate)) {
      throw new CertificateError(
        'cert/shape',
        `${certificate.subject} only MACs, which shows nothing to others`,
      );
    }
    const { subject: device, notBefore, expires, thumbprint, key } = certificate;
    const { first, last, logId } = verifyRecordProof(proof, key, site);
    return {
      verdict: 'good',
      report: {
        ...{ site, device, log: toHex(logId), seq: proof.seq },
        ...contentOf(proof.record),
        record: toHex(proof.record),
        sealed: { first, last },
        key: { thumbprint: toHex(thumbprint), notBefore, expires },
      },
    };
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    return { verdict: 'refused', refusal: refusalOf(error) };
  }
}

type Content = Pick<ProofReport, 'type' | 'boot' | 'uptime' | 'clock' | 'direction' | 'service' | 'tag'>;

const NOTHING = { direction: null, service: null, tag: null } as const;

/** What a record says. One that cannot be read was sealed all the same. */
function contentOf(bytes: Uint8Array): Content {
  const record = reading(() => decodeRecord(bytes));
  if (record === undefined) return { type: null, boot: null, uptime: null, clock: null, ...NOTHING };
  const { kind, boot, uptime, time } = record;
  return { type: eventTypeOf(kind), boot, uptime, clock: time, ...punchOf(record) };
}

function punchOf({ kind, body }: Record): Pick<Content, 'direction' | 'service' | 'tag'> {
  const punch = kind === KIND.punch ? reading(() => readPunch(body)) : undefined;
  if (punch === undefined) return NOTHING;
  const { direction, service, proof } = punch;
  return { direction, service, tag: 'uid' in proof ? tagId(proof.uid) : null };
}

function reading<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    return undefined;
  }
}

/** Why a proof is not to be believed, for people. */
export function reasonOf(code: ErrorCode): string {
  if (code === 'log/mismatch') return 'The record, or one of the hashes, is not what the device signed.';
  if (code === 'seal/range') return 'The record is not one of those that the seal covers.';
  if (code === 'seal/signature') return 'The seal is not signed by the device that the certificate names.';
  if (code === 'cert/untrusted-issuer' || code === 'cert/site')
    return 'The device is certified by another issuer than the one you trust.';
  if (code === 'cert/role') return 'The certificate inside is not that of a device.';
  if (code.startsWith('cert/')) return 'The certificate inside is damaged, or shows nothing to others.';
  return 'This is no proof of a record, or it is damaged.';
}
