/** Every seal held against its device's certificate and the records that it covers (SPEC.md, Seal, Certificate). */
import {
  equalBytes,
  PublicKey,
  TimebandError,
  toHex,
  type VerifiedSeal,
  verifySeal,
} from '@timeband/protocol';
import { type AccountedLog, blame } from './accounts.js';
import type { AuditContext } from './context.js';
import type { RecordVisitor, VisitedRecord } from './log-check.js';

/** What could not be verified, and by whom it could. */
export interface Unverified {
  /** Seals of devices that only MAC: nobody can but who has their keys. */
  vouchedSeals: number;
  /** Records with approvals by operators whose certificates were not given. */
  approvals: number;
}

/** The seal over the records that come by. */
interface Open {
  readonly row: number;
  readonly seal: VerifiedSeal | undefined;
  last: VisitedRecord;
}

export class SealCheck implements RecordVisitor {
  private key: PublicKey | undefined;
  private log: AccountedLog | undefined;
  private open: Open | undefined;

  constructor(
    private readonly context: AuditContext,
    private readonly unverified: Unverified,
  ) {}

  visit(log: AccountedLog, record: VisitedRecord): void {
    if (this.log !== log) this.begin(log);
    if (this.open?.row === record.seal) {
      this.open.last = record;
      return;
    }
    this.close();
    this.open = { row: record.seal, seal: this.verify(log, record), last: record };
  }

  end(log: AccountedLog): void {
    if (this.log !== log) this.begin(log);
    this.close();
  }

  private begin(log: AccountedLog): void {
    const { trust, site, findings } = this.context;
    this.log = log;
    this.open = undefined;
    this.key = undefined;
    try {
      const roles = ['reader', 'band', 'gateway'] as const;
      const { key, subject } = trust.verifyDevice(log.certificate, { roles, site, revoked: 'accept' });
      if (key instanceof PublicKey) this.key = key;
      if (subject === log.device) return;
      const message = `the certificate of ${log.device} is one of ${subject}`;
      blame(findings, log, { code: 'log/certificate', message });
    } catch (error) {
      if (!(error instanceof TimebandError)) throw error;
      const message = `the certificate of ${log.device} does not hold: ${error.message}`;
      blame(findings, log, { code: 'log/certificate', message });
    }
  }

  private verify(log: AccountedLog, { seal: row, seq }: VisitedRecord): VerifiedSeal | undefined {
    const { store, site, findings } = this.context;
    const stored = store.audit.seal(row);
    if (stored === undefined) {
      const message = `the seal over record ${seq} of ${log.device} is not there`;
      blame(findings, log, { code: 'seal/missing', message, record: seq });
      return undefined;
    }
    if (this.key === undefined) {
      if (log.vouched) this.unverified.vouchedSeals++;
      return undefined;
    }
    try {
      const seal = verifySeal(stored.bytes, this.key, site);
      const isOurs = stored.log === log.key && equalBytes(seal.logId, log.logId);
      if (isOurs && equalBytes(seal.id, stored.sealId)) return seal;
      const message = `the seal over record ${seq} of ${log.device} is of another log, or kept under another id`;
      blame(findings, log, { code: 'seal/range', message, record: seq });
    } catch (error) {
      if (!(error instanceof TimebandError)) throw error;
      const message = `the seal over record ${seq} of ${log.device} does not hold: ${error.message}`;
      blame(findings, log, { code: 'seal/signature', message, record: seq });
    }
    return undefined;
  }

  /** What the seal says of the last record that it covers. */
  private close(): void {
    const { open, log } = this;
    if (open?.seal === undefined || log === undefined) return;
    const { seal, last } = open;
    if (seal.last === last.seq && equalBytes(seal.hashLast, last.hash)) return;
    const message = `the seal over record ${last.seq} of ${log.device} is over ${seal.last}, ${toHex(seal.hashLast).slice(0, 16)}…: not what is stored`;
    blame(this.context.findings, log, { code: 'seal/range', message, record: last.seq });
  }
}
