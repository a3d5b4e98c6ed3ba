/** The logs of devices: every record there, in its chain, from the first that this box took to the last (SPEC.md, Log). */
import {
  chainDigest,
  decodeRecord,
  equalBytes,
  logIdOf,
  type Record,
  sha256,
  TimebandError,
} from '@timeband/protocol';
import type { AuditedRecord } from '../store/index.js';
import { type AccountedLog, blame } from './accounts.js';
import type { AuditContext } from './context.js';
import type { Work } from './slices.js';

/** A record in its place. */
export interface VisitedRecord extends AuditedRecord {
  /** `h(seq)`, from the hash stored before it. */
  readonly hash: Uint8Array;
  /** What it says, where it says anything. */
  readonly record: Record | undefined;
}

/** Looks at records beside their chain. */
export interface RecordVisitor {
  readonly visit: (log: AccountedLog, record: VisitedRecord) => void;
  /** After the last record of a log. */
  readonly end: (log: AccountedLog) => void;
}

const PAGE = 128;

/** Where the chain of a log has come to; without a hash where it went on after records that were lost. */
interface Place {
  readonly seq: number;
  readonly hash: Uint8Array | undefined;
}

export class LogCheck {
  constructor(
    private readonly context: AuditContext,
    private readonly visitors: readonly RecordVisitor[] = [],
  ) {}

  *run(): Work {
    for (const log of this.context.logs.values()) yield* this.check(log);
  }

  private *check(log: AccountedLog): Work {
    const { store } = this.context;
    let place: Place = { seq: log.base, hash: undefined };
    for (;;) {
      const page = store.audit.records(log.key, place.seq, log.head, PAGE);
      for (const row of page) place = this.take(log, row, place);
      yield page.length;
      if (page.length < PAGE) break;
    }
    this.checkEnd(log, place);
    for (const visitor of this.visitors) visitor.end(log);
  }

  private take(log: AccountedLog, row: AuditedRecord, place: Place): Place {
    const { findings } = this.context;
    const { seq } = row;
    if (seq === 1 && !equalBytes(logIdOf(row.previous), log.logId)) {
      const message = `the log of ${log.device} does not begin with what its id follows from`;
      blame(findings, log, { code: 'log/genesis', message, record: 1 });
    }
    const isGap = this.passGap(log, place.seq + 1, seq - 1);
    if (!isGap && place.hash !== undefined && !equalBytes(row.previous, place.hash)) {
      const message = `record ${seq - 1} of ${log.device} is not the one that record ${seq} was logged after`;
      blame(findings, log, { code: 'record/altered', message, record: seq - 1 });
    }
    const record = this.read(log, row);
    const hash = chainDigest(row.previous, row.digest ?? sha256(row.bytes));
    for (const visitor of this.visitors) visitor.visit(log, { ...row, hash, record });
    return { seq, hash };
  }

  /** @returns whether the chain goes on after records that are not there */
  private passGap(log: AccountedLog, first: number, last: number): boolean {
    if (last < first) return false;
    const { store, findings } = this.context;
    const isLost = store.audit.lost(log.key).some((range) => range.first <= first && range.last >= last);
    if (!isLost) {
      const which = first === last ? `record ${first}` : `records ${first} to ${last}`;
      const message = `${which} of ${log.device} should be stored and ${first === last ? 'is' : 'are'} not there`;
      blame(findings, log, { code: 'record/missing', message, record: first });
    }
    return true;
  }

  private checkEnd(log: AccountedLog, { seq, hash }: Place): void {
    if (this.passGap(log, seq + 1, log.head) || hash === undefined || equalBytes(hash, log.hash)) return;
    const message = `record ${log.head} of ${log.device} is not the one that its log ends with`;
    blame(this.context.findings, log, { code: 'log/head', message, record: log.head });
  }

  /** Bytes that are no record were sealed as they are, and are evidence. */
  private read(log: AccountedLog, { seq, bytes }: AuditedRecord): Record | undefined {
    try {
      const record = decodeRecord(bytes);
      if (record.seq === seq) return record;
      const message = `record ${seq} of ${log.device} says that it is ${record.seq}`;
      blame(this.context.findings, log, { code: 'record/altered', message, record: seq });
    } catch (error) {
      if (!(error instanceof TimebandError)) throw error;
    }
    return undefined;
  }
}
