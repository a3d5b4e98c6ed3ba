/** Counts every record once, by the events that come by in the order of each log (SPEC.md, Acts). */
import { toHex } from '@timeband/protocol';
import type { EventSourceRow, Range } from '../store/index.js';
import { type AccountedLog, blame } from './accounts.js';
import type { AuditContext } from './context.js';

/** What is counted of an event; `act` only where its record is there. */
export type CountedEvent = Pick<EventSourceRow, 'seq' | 'log' | 'logSeq'> &
  Partial<Pick<EventSourceRow, 'act' | 'evidence' | 'minutes'>>;

export class RecordAccounting {
  constructor(private readonly context: AuditContext) {}

  /** Events come in their order. */
  count(event: CountedEvent): void {
    const { logs, findings, confirmed } = this.context;
    const log = logs.get(event.log);
    const { seq, logSeq: record } = event;
    if (log === undefined) {
      findings.add({
        code: 'event/missing',
        message: `event ${seq} is of a log that is not there`,
        event: seq,
      });
      return;
    }
    if (record <= log.seen) {
      const message = `record ${record} of ${log.device} has a second event, ${seq}`;
      blame(findings, log, { code: 'event/repeated', message, record, event: seq });
      return;
    }
    this.passOver(log, { first: log.seen + 1, last: record - 1 });
    log.seen = record;
    if (this.isCopy(log, event)) log.account.duplicate++;
    else if (seq > confirmed) log.account.waiting++;
    else log.account.published++;
  }

  /** After the last event. */
  finish(log: AccountedLog): void {
    const { store, findings } = this.context;
    this.passOver(log, { first: log.seen + 1, last: log.head });
    const withheld = store.audit.withheld(log.key, { first: log.base + 1, last: log.head });
    const twice = withheld - log.account.quarantined;
    if (twice > 0) {
      const message = `${twice} records of ${log.device} are published and in quarantine`;
      blame(findings, log, { code: 'record/two-states', message });
    }
  }

  /** These have no event. */
  private passOver(log: AccountedLog, range: Range): void {
    const length = range.last - range.first + 1;
    if (length <= 0) return;
    const { store, findings } = this.context;
    const withheld = store.audit.withheld(log.key, range);
    const lost = store.audit
      .lost(log.key)
      .map(({ first, last }) => Math.min(last, range.last) - Math.max(first, range.first) + 1)
      .reduce((sum, overlap) => sum + Math.max(0, overlap), 0);
    log.account.quarantined += withheld;
    log.account.lost += lost;
    const unaccounted = length - withheld - lost;
    if (unaccounted <= 0) return;
    const which = length === 1 ? `record ${range.first}` : `of records ${range.first} to ${range.last}`;
    const message =
      length === 1
        ? `${which} of ${log.device} has no event, is not in quarantine, and was not lost`
        : `${which} of ${log.device} ${unaccounted} have no event, are not in quarantine, and were not lost`;
    blame(findings, log, { code: 'record/unaccounted', message, record: range.first });
  }

  /** Whether another log's record of the same act has counted. */
  private isCopy(log: AccountedLog, { seq, logSeq: record, act, evidence, minutes }: CountedEvent): boolean {
    if (act === undefined || evidence !== 2) return false;
    const { store, findings } = this.context;
    const counted = store.audit.act(act);
    const name = `act ${toHex(act).slice(0, 16)}…`;
    if (counted === undefined) {
      const message = `${name} of record ${record} of ${log.device} is not among those that have counted`;
      blame(findings, log, { code: 'act/missing', message, record, event: seq });
      return false;
    }
    // An earlier version noted the log alone.
    const isHere = counted.event === null ? counted.log === log.key : counted.event === seq;
    if (isHere) {
      if (counted.log === log.key) return false;
      const message = `${name} of record ${record} of ${log.device} is kept as another log's`;
      blame(findings, log, { code: 'act/missing', message, record, event: seq });
      return false;
    }
    if (counted.log === log.key || minutes !== undefined) {
      const message = `${name} counts twice: by event ${counted.event} and by event ${seq}`;
      blame(findings, log, { code: 'act/twice', message, record, event: seq });
    }
    return true;
  }
}
