/** What the gateway keeps, and the only place that knows its tables. */
import type { Evidence } from '@timeband/protocol';
import { AuditTables } from './audit.js';
import { copyDatabase, type CopyOptions } from './backup.js';
import {
  type CommitColumns,
  commitOf,
  type EventColumns,
  type FactColumns,
  factOf,
  FACTS,
  type LogColumns,
} from './columns.js';
import { CourseTables } from './courses.js';
import { CursorTable } from './cursors.js';
import { openDatabase, type Sqlite } from './database.js';
import { EpochTable } from './epochs.js';
import { ErasureTables } from './erasures.js';
import { EvidenceTables } from './evidence.js';
import { asStoreFault } from './fault.js';
import { ForwardTables } from './forward.js';
import { LedgerTables } from './ledger.js';
import { LogTreeTables } from './log-tree.js';
import { MentionTables } from './mentions.js';
import { MqttTables } from './mqtt.js';
import { NewestRecords } from './newest-records.js';
import { PolicyTable } from './policy.js';
import { ProofTables } from './proofs.js';
import { QuarantineTable } from './quarantine.js';
import type { CommitRow, EventRow, EventSourceRow, FactRow, NewLog, RecordRow, StoredLog } from './rows.js';
import { TrailTables } from './trail.js';
import { Transactions } from './transactions.js';
import { UplinkTable } from './uplink.js';
import { UnpublishedTables } from './unpublished.js';
import { VisitTable } from './visits.js';

export class Store {
  private readonly statements: ReturnType<typeof prepare>;
  private readonly transactions: Transactions;

  /** Everything, for who accounts for it. */
  readonly audit: AuditTables;
  /** What is kept of matters, meals and cases. */
  readonly courses: CourseTables;
  /** How far subscribers' sessions have confirmed. */
  readonly cursors: CursorTable;
  readonly epochs: EpochTable;
  /** What was replaced on request. */
  readonly erasures: ErasureTables;
  /** What is kept so that no proof counts twice. */
  readonly evidence: EvidenceTables;
  /** What was read for the site's primary. */
  readonly forward: ForwardTables;
  readonly ledger: LedgerTables;
  /** What is kept of the tree over all events. */
  readonly logTree: LogTreeTables;
  /** Who is named where. */
  readonly mentions: MentionTables;
  /** What the broker has to remember. */
  readonly mqtt: MqttTables;
  /** Where a device's logs have come to. */
  readonly newestRecords: NewestRecords;
  readonly policy: PolicyTable;
  /** What single records are proven with. */
  readonly proofs: ProofTables;
  /** What cannot be used. */
  readonly quarantine: QuarantineTable;
  /** What operators did. */
  readonly trail: TrailTables;
  /** How far the city has confirmed. */
  readonly uplink: UplinkTable;
  /** What became of records that have no event. */
  readonly unpublished: UnpublishedTables;
  readonly visits: VisitTable;

  /** @param db the file, opened; for this process alone unless given @throws StoreError */
  constructor(
    readonly file: string,
    private readonly db: Sqlite = openDatabase(file),
  ) {
    this.transactions = new Transactions(this.db);
    this.audit = new AuditTables(this.db);
    this.courses = new CourseTables(this.db);
    this.cursors = new CursorTable(this.db);
    this.epochs = new EpochTable(this.db);
    this.erasures = new ErasureTables(this.db);
    this.evidence = new EvidenceTables(this.db);
    this.forward = new ForwardTables(this.db);
    this.ledger = new LedgerTables(this.db);
    this.logTree = new LogTreeTables(this.db);
    this.mentions = new MentionTables(this.db);
    this.mqtt = new MqttTables(this.db, this.transactions);
    this.newestRecords = new NewestRecords(this.db);
    this.policy = new PolicyTable(this.db);
    this.proofs = new ProofTables(this.db);
    this.quarantine = new QuarantineTable(this.db);
    this.trail = new TrailTables(this.db);
    this.uplink = new UplinkTable(this.db);
    this.unpublished = new UnpublishedTables(this.db);
    this.visits = new VisitTable(this.db);
    this.statements = prepare(this.db);
  }

  close(): void {
    this.transactions.close();
    this.db.close();
  }

  /** Copies the whole database, as it is at the end, while others go on writing. @throws what the disk or `run` throws */
  backup(file: string, run?: CopyOptions): Promise<void> {
    return copyDatabase(this.db, file, run);
  }

  /** Runs `work` in one transaction that is on disk when this returns. @throws StoreFault when the disk does not take it */
  transaction(work: () => void): void {
    try {
      this.transactions.run(work);
    } catch (error) {
      throw asStoreFault(error);
    }
  }

  findLog(logId: Uint8Array): StoredLog | undefined {
    const row = this.statements.findLog.get(logId);
    return (
      row && {
        key: row.id,
        logId: row.log_id,
        device: row.device,
        base: row.base,
        head: row.head,
        hash: row.hash,
        timeFloor: row.time_floor ?? undefined,
        forked: row.forked !== 0,
        vouched: row.vouched !== 0,
      }
    );
  }

  /** Id of a log by its row. */
  logIdOf(key: number): Uint8Array | undefined {
    return this.statements.logIdOf.get(key)?.log_id;
  }

  /** Highest sequence number that is stored of a log. */
  headOf(key: number): number | undefined {
    return this.statements.headOf.get(key)?.head;
  }

  insertLog(log: NewLog): StoredLog {
    const { logId, device, epoch, certificate, base, hash, vouched = false } = log;
    const { lastInsertRowid } = this.statements.insertLog.run(
      logId,
      device,
      epoch,
      certificate,
      base,
      base,
      hash,
      Number(vouched),
    );
    return {
      key: Number(lastInsertRowid),
      logId,
      device,
      base,
      head: base,
      hash,
      timeFloor: undefined,
      forked: false,
      vouched,
    };
  }

  advanceLog(log: StoredLog): void {
    this.statements.advanceLog.run(log.head, log.hash, log.timeFloor ?? null, log.key);
  }

  markForked(key: number): void {
    this.statements.markForked.run(key);
  }

  /** `h(seq - 1)` of a stored record. */
  hashBefore(log: number, seq: number): Uint8Array | undefined {
    return this.statements.hashBefore.get(log, seq)?.previous;
  }

  /** @returns the seal's row */
  insertSeal(sealId: Uint8Array, log: number, bytes: Uint8Array): number {
    return Number(this.statements.insertSeal.run(sealId, log, bytes).lastInsertRowid);
  }

  insertRecord(row: RecordRow, seal: number): void {
    this.statements.insertRecord.run(row.log, row.seq, seal, row.previous, row.bytes);
  }

  insertEvent({ seq, log, logSeq, evidence, time, minutes, band, act, doubted = false }: EventRow): void {
    this.statements.insertEvent.run(
      seq,
      log,
      logSeq,
      evidence,
      time.earliest ?? null,
      time.latest,
      minutes ?? null,
      band ?? null,
      act ?? null,
      Number(doubted),
    );
  }

  insertCommit(row: CommitRow): void {
    this.statements.insertCommit.run(
      row.first,
      row.last,
      row.previous,
      row.head,
      row.recorded,
      row.protectedBytes,
      row.signature,
    );
  }

  lastCommit(): CommitRow | undefined {
    const row = this.statements.lastCommit.get();
    return row && commitOf(row);
  }

  /** The commit that holds an event. */
  commitOf(eventSeq: number): CommitRow | undefined {
    const row = this.statements.commitOf.get(eventSeq);
    return row === undefined || row.last < eventSeq ? undefined : commitOf(row);
  }

  /** Position of the last event that was committed before a moment, Unix seconds; clocks were set back at times, so about that. */
  positionAt(at: number): number {
    let [low, high] = [0, this.lastCommit()?.last ?? 0];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.commitOf(middle)?.recorded ?? at) < at) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The hash of an event that ends a commit. */
  hashAtCommitEnd(seq: number): Uint8Array | undefined {
    const commit = this.commitOf(seq);
    return commit?.last === seq ? commit.head : undefined;
  }

  /** The events of a range, in order. */
  events(first: number, last: number): EventSourceRow[] {
    return this.statements.events.all(first, last).map((row) => ({
      seq: row.seq,
      log: row.log,
      logSeq: row.log_seq,
      evidence: row.evidence as Evidence,
      time: { earliest: row.earliest ?? undefined, latest: row.latest },
      minutes: row.minutes ?? undefined,
      band: row.band ?? undefined,
      act: row.act ?? undefined,
      doubted: row.doubted !== 0,
      record: row.bytes,
      logPrevious: row.previous,
      logId: row.log_id,
      device: row.device,
      vouched: row.vouched !== 0,
      sealId: row.seal_id,
      ...(row.event_hash !== null && { erased: { eventHash: row.event_hash } }),
    }));
  }

  /** The same, without what only their signatures need. */
  facts(first: number, last: number): FactRow[] {
    return this.statements.facts.all(first, last).map(factOf);
  }

  /** Of events here and there, in any order. */
  factsOf(events: readonly number[]): FactRow[] {
    return this.statements.factsOf.all(JSON.stringify(events)).map(factOf);
  }

  /** The newest event of a device's record among those from `first` to `last`. */
  eventOfRecord(device: string, logSeq: number, first: number, last: number): number | undefined {
    return this.statements.eventOfRecord.get(first, last, logSeq, device)?.seq;
  }

  /** Writes a page as it was and waits for the disk, as a commit does. @throws StoreFault */
  probe(): void {
    this.transaction(() => {
      const id = this.db.pragma('application_id', { simple: true });
      this.db.pragma(`application_id = ${Number(id)}`);
    });
  }

  /** Totals for `status`, kept as they change and never counted. */
  totals(): { logs: number; records: number; events: number; quarantined: number } {
    const { logs, records } = this.statements.logTotals.get() ?? { logs: 0, records: 0 };
    return {
      logs,
      records,
      events: this.lastCommit()?.last ?? 0,
      quarantined: this.quarantine.total,
    };
  }
}

function prepare(db: Sqlite) {
  type Bytes = Uint8Array;
  return {
    logIdOf: db.prepare<[number], { log_id: Bytes }>('SELECT log_id FROM log WHERE id = ?'),
    headOf: db.prepare<[number], { head: number }>('SELECT head FROM log WHERE id = ?'),
    findLog: db.prepare<[Bytes], LogColumns>('SELECT * FROM log WHERE log_id = ?'),
    insertLog: db.prepare<[Bytes, string, number, Bytes, number, number, Bytes, number]>(
      'INSERT INTO log (log_id, device, epoch, certificate, base, head, hash, vouched) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    advanceLog: db.prepare<[number, Bytes, number | null, number]>(
      'UPDATE log SET head = ?, hash = ?, time_floor = ? WHERE id = ?',
    ),
    markForked: db.prepare<[number]>('UPDATE log SET forked = 1 WHERE id = ?'),
    hashBefore: db.prepare<[number, number], { previous: Bytes }>(
      'SELECT previous FROM record WHERE log = ? AND seq = ?',
    ),
    insertSeal: db.prepare<[Bytes, number, Bytes]>('INSERT INTO seal (seal_id, log, bytes) VALUES (?, ?, ?)'),
    insertRecord: db.prepare<[number, number, number, Bytes, Bytes]>(
      'INSERT INTO record (log, seq, seal, previous, bytes) VALUES (?, ?, ?, ?, ?)',
    ),
    insertEvent: db.prepare<
      [
        ...[seq: number, log: number, logSeq: number, evidence: number],
        ...[earliest: number | null, latest: number, minutes: number | null],
        ...[band: string | null, act: Bytes | null, doubted: number],
      ]
    >(
      `INSERT INTO event (seq, log, log_seq, evidence, earliest, latest, minutes, band, act, doubted)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    insertCommit: db.prepare<[number, number, Bytes, Bytes, number, Bytes, Bytes]>(
      'INSERT INTO commit_signature (first, last, previous, head, recorded, protected, signature) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    lastCommit: db.prepare<[], CommitColumns>('SELECT * FROM commit_signature ORDER BY first DESC LIMIT 1'),
    commitOf: db.prepare<[number], CommitColumns>(
      'SELECT * FROM commit_signature WHERE first <= ? ORDER BY first DESC LIMIT 1',
    ),
    events: db.prepare<[number, number], EventColumns>(
      `SELECT e.seq, e.log, e.log_seq, e.evidence, e.earliest, e.latest, e.minutes, e.band, e.act, e.doubted,
              r.bytes, r.previous, l.log_id, l.device, l.vouched, s.seal_id,
              (SELECT x.event_hash FROM erased x WHERE x.log = e.log AND x.seq = e.log_seq LIMIT 1) AS event_hash
         FROM event e
         JOIN record r ON r.log = e.log AND r.seq = e.log_seq
         JOIN log l ON l.id = e.log
         JOIN seal s ON s.id = r.seal
        WHERE e.seq BETWEEN ? AND ? ORDER BY e.seq`,
    ),
    facts: db
      .prepare<[number, number], FactColumns>(`${FACTS} WHERE e.seq BETWEEN ? AND ? ORDER BY e.seq`)
      .raw(),
    factsOf: db
      .prepare<[string], FactColumns>(`${FACTS} WHERE e.seq IN (SELECT value FROM json_each(?))`)
      .raw(),
    eventOfRecord: db.prepare<[number, number, number, string], { seq: number }>(
      `SELECT seq FROM event WHERE seq BETWEEN ? AND ? AND log_seq = ?
          AND log IN (SELECT id FROM log WHERE device = ?) ORDER BY seq DESC LIMIT 1`,
    ),
    logTotals: db.prepare<[], { logs: number; records: number }>('SELECT logs, records FROM log_total'),
  };
}
